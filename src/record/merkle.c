#include "record/merkle.h"

#include <assert.h>
#include <sodium.h>

bool merkle_hash_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->bytes, b->bytes, HASH_SIZE) == 0;
}

static struct merkle_hash hash_parts(uint8_t prefix, struct view a, struct view b)
{
	struct merkle_hash hash;
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, &prefix, 1);
	if (a.size)
		crypto_hash_sha256_update(&state, a.bytes, a.size);
	if (b.size)
		crypto_hash_sha256_update(&state, b.bytes, b.size);
	crypto_hash_sha256_final(&state, hash.bytes);
	return hash;
}

struct merkle_hash merkle_leaf(struct view entry)
{
	return hash_parts(0, entry, (struct view){0});
}

struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right)
{
	return hash_parts(1, view_of(left->bytes, HASH_SIZE), view_of(right->bytes, HASH_SIZE));
}

struct merkle_hash merkle_empty(void)
{
	struct merkle_hash hash;
	crypto_hash_sha256(hash.bytes, NULL, 0);
	return hash;
}

/* The greatest power of two below `size`, size >= 2. */
static uint64_t split_at(uint64_t size)
{
	return UINT64_C(1) << (63 - __builtin_clzll(size - 1));
}

struct merkle_hash merkle_fold(const struct merkle_hash *hashes, size_t count)
{
	assert(count >= 1);
	if (count == 1)
		return hashes[0];
	size_t left = (size_t)split_at(count);
	struct merkle_hash a = merkle_fold(hashes, left);
	struct merkle_hash b = merkle_fold(hashes + left, count - left);
	return merkle_node(&a, &b);
}

/* Root of `size` entries from `start` on. A whole subtree that a tile stores is read, others are made
 * of two halves; start is a multiple of every power of two that is asked of it. */
static int subtree(const struct merkle_tree *tree, uint64_t start, uint64_t size,
                   struct merkle_hash *ret)
{
	if ((size & (size - 1)) == 0 && __builtin_ctzll(size) % 8 == 0) {
		unsigned level = (unsigned)__builtin_ctzll(size) / 8;
		return tree->read(tree->context, level, start >> 8 * level, ret);
	}
	struct merkle_hash left, right;
	uint64_t half = split_at(size);
	int err = subtree(tree, start, half, &left);
	if (err == OK)
		err = subtree(tree, start + half, size - half, &right);
	if (err < 0)
		return err;
	*ret = merkle_node(&left, &right);
	return OK;
}

int merkle_root(const struct merkle_tree *tree, struct merkle_hash *ret)
{
	if (tree->size == 0) {
		*ret = merkle_empty();
		return OK;
	}
	return subtree(tree, 0, tree->size, ret);
}

/* Both proofs walk from the root down; their hashes are wanted from the leaf up. */
static void reverse(struct merkle_proof *proof)
{
	for (size_t i = 0; i < proof->count / 2; i++) {
		struct merkle_hash held = proof->hashes[i];
		proof->hashes[i] = proof->hashes[proof->count - 1 - i];
		proof->hashes[proof->count - 1 - i] = held;
	}
}

/* The half of [start, start + size) that the way down does not take. */
static int add_sibling(const struct merkle_tree *tree, uint64_t start, uint64_t size,
                       bool goes_right, struct merkle_proof *proof)
{
	uint64_t half = split_at(size);
	struct merkle_hash *to = &proof->hashes[proof->count];
	int err = goes_right ? subtree(tree, start, half, to)
	                     : subtree(tree, start + half, size - half, to);
	if (err == OK)
		proof->count++;
	return err;
}

int merkle_prove_inclusion(const struct merkle_tree *tree, uint64_t index, struct merkle_proof *ret)
{
	struct merkle_proof proof = {0};
	uint64_t start = 0, size = tree->size;
	if (index >= size)
		return ERR_LIMIT;
	while (size > 1) {
		uint64_t half = split_at(size);
		bool right = index - start >= half;
		int err = add_sibling(tree, start, size, right, &proof);
		if (err < 0)
			return err;
		start += right ? half : 0;
		size = right ? size - half : half;
	}
	reverse(&proof);
	*ret = proof;
	return OK;
}

bool merkle_check_inclusion(const struct merkle_proof *proof, uint64_t index, uint64_t size,
                            const struct merkle_hash *leaf, const struct merkle_hash *root)
{
	if (index >= size)
		return false;
	uint64_t at = index, last = size - 1;
	struct merkle_hash hash = *leaf;
	for (size_t i = 0; i < proof->count; i++) {
		const struct merkle_hash *next = &proof->hashes[i];
		if (last == 0)
			return false;
		if ((at & 1) || at == last) {
			hash = merkle_node(next, &hash);
			for (; !(at & 1) && at != 0; at >>= 1)
				last >>= 1;
		} else {
			hash = merkle_node(&hash, next);
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && merkle_hash_equal(&hash, root);
}
