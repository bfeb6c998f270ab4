/* merkle.h - the Merkle tree of a transparency log: hashes, roots and proofs.
 *
 * What:    pure functions. Hashes of a tree are read through a callback in the units that tiles store:
 *          at tile level L, index I is the root of the 256^L entries from I * 256^L on.
 * Fails:   what the callback returns; ERR_LIMIT for an index or size outside the tree.
 * Needs:   sodium_init() called by the program.
 * Source:  RFC 6962 s2.1, RFC 9162 s2.1.3 and s2.1.4 (checking of proofs). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum {
	HASH_SIZE = 32,
	TILE_WIDTH = 256,
	TILE_LEVELS = 8, /* 8 levels of 256 hold any 64-bit tree */
	PROOF_HASHES_MAX = 64
};

struct merkle_hash {
	uint8_t bytes[HASH_SIZE];
};

struct merkle_proof {
	size_t count;
	struct merkle_hash hashes[PROOF_HASHES_MAX];
};

/* Returns 0, or an error that ends the calculation. */
typedef int merkle_read_fn(void *context, unsigned level, uint64_t index, struct merkle_hash *ret);

struct merkle_tree {
	uint64_t size;
	merkle_read_fn *read;
	void *context;
};

bool merkle_hash_equal(const struct merkle_hash *a, const struct merkle_hash *b);
struct merkle_hash merkle_leaf(struct view entry);
struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right);
/* Root of no entries. */
struct merkle_hash merkle_empty(void);
/* Root of `count` hashes of equal height, count >= 1. */
struct merkle_hash merkle_fold(const struct merkle_hash *hashes, size_t count);

int merkle_root(const struct merkle_tree *tree, struct merkle_hash *ret) must_check;
int merkle_prove_inclusion(const struct merkle_tree *tree, uint64_t index,
                           struct merkle_proof *ret) must_check;

bool merkle_check_inclusion(const struct merkle_proof *proof, uint64_t index, uint64_t size,
                            const struct merkle_hash *leaf, const struct merkle_hash *root);
