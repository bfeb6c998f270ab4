/* verify_tiles.h - compares a log's tile files with the hashes and entries that they should hold.
 *
 * What:    fed with entries in order; keeps the right edge and the bundle being filled, and compares
 *          every file of a tile as soon as its whole content is known.
 * Threads: one. Needs a directory, writes nothing. */
#pragma once

#include "base/buffer.h"
#include "record/edge.h"
#include "record/tiles.h"

/* Why a file does not hold. `entry` and `offset` are -1 when they do not apply. */
typedef int verify_fail_fn(void *context, const char *file, int64_t entry, int64_t offset,
                           const char *what);

struct verify_tiles {
	int directory_fd;
	uint64_t checkpoint_size; /* files up to here must be there, those beyond may be */
	struct edge edge;
	struct buffer bundle;           /* the bundle being filled, as a file */
	size_t offsets[TILE_WIDTH + 1]; /* of its entries */
	struct buffer file;             /* the one being compared */
	uint64_t leftovers;
	verify_fail_fn *fail; /* its result, negative, ends the verification */
	void *context;
};

void verify_tiles_done(struct verify_tiles *v);
int verify_tiles_add(struct verify_tiles *v, struct view entry) must_check;
/* To be called when the edge has checkpoint_size entries: compares the partial tiles that must be. */
int verify_tiles_at_checkpoint(struct verify_tiles *v) must_check;
/* After the last entry: compares what is left of unfinished tiles. */
int verify_tiles_at_end(struct verify_tiles *v) must_check;
/* Whether a file of that name was compared. */
bool verify_tiles_knows(const struct verify_tiles *v, const struct tile_name *name);
