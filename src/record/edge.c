#include "record/edge.h"

#include "record/tiles.h"

void edge_init(struct edge *edge)
{
	edge->size = 0;
	memset(edge->width, 0, sizeof(edge->width));
}

int edge_add(struct edge *edge, const struct merkle_hash *leaf, edge_tile_fn *full, void *context)
{
	struct merkle_hash hash = *leaf;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct merkle_hash *hashes = edge->hashes[level];
		hashes[edge->width[level]++] = hash;
		if (edge->width[level] < TILE_WIDTH)
			break;
		int err = full ? full(context, level, tile_edge_at(level, edge->size), hashes) : OK;
		if (err < 0)
			return err;
		hash = merkle_fold(hashes, TILE_WIDTH);
		edge->width[level] = 0;
	}
	edge->size++;
	return OK;
}

/* The tree is a row of perfect trees, larger ones to the left; joined from the right. Within a tile the
 * row is the binary form of its width. */
struct merkle_hash edge_root(const struct edge *edge)
{
	struct merkle_hash root = merkle_empty();
	bool is_first = true;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned end = edge->width[level];
		while (end) {
			unsigned count = end & -end;
			struct merkle_hash part =
				merkle_fold(&edge->hashes[level][end - count], count);
			root = is_first ? part : merkle_node(&part, &root);
			is_first = false;
			end -= count;
		}
	}
	return root;
}
