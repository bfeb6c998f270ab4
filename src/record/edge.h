/* edge.h - the right edge of a growing tree: for every level the hashes of its unfinished tile.
 *
 * What:    all that is needed to add entries and to know the root, 64 KiB for any size of log. The
 *          writer of a log and its verifier build their tiles with this one file.
 * Threads: one at a time for one edge. */
#pragma once

#include "record/merkle.h"

struct edge {
	uint64_t size; /* entries added */
	unsigned width[TILE_LEVELS];
	struct merkle_hash hashes[TILE_LEVELS][TILE_WIDTH];
};

/* Called for each tile that an added entry completes, lowest level first; an error ends the adding
 * and leaves the edge unusable. */
typedef int edge_tile_fn(void *context, unsigned level, uint64_t index,
                         const struct merkle_hash hashes[static TILE_WIDTH]);

void edge_init(struct edge *edge);
int edge_add(struct edge *edge, const struct merkle_hash *leaf, edge_tile_fn *full,
             void *context) must_check;
struct merkle_hash edge_root(const struct edge *edge);
