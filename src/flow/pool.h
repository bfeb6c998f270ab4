/* pool.h - room for bytes that are held, in chunks of one size, and lists of pieces in it.
 *
 * What:    a piece is some bytes of a stream with the sequence number of the first. It lies in a chain of chunks.
 * Owns:    pool_init() allocates all; nothing later does. Lists are emptied by held_clear() before their
 *          holder goes.
 * Fails:   ERR_LIMIT: the pool is full; the list is as it was.
 * Threads: one a pool. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { POOL_CHUNK_SIZE = 256, POOL_NONE = 0 };

struct pool {
	struct pool_chunk *chunks; /* the first is never given out: 0 is none */
	uint32_t count, used, free;
	uint32_t fresh; /* chunks from here on were never used: their memory is not touched */
};

int pool_init(struct pool *p, size_t bytes) must_check;
void pool_done(struct pool *p);

static inline size_t pool_used(const struct pool *p)
{
	return (size_t)p->used * POOL_CHUNK_SIZE;
}

/* A list of pieces, in the order in which they came. Zeroed: empty. */
struct held {
	uint32_t first, last; /* their first chunks */
	uint32_t bytes;
	uint32_t count;
};

int held_add(struct held *h, struct pool *p, uint32_t sequence, struct view bytes) must_check;
void held_clear(struct held *h, struct pool *p);
/* Forgets pieces that end at `sequence` or before. */
void held_forget_before(struct held *h, struct pool *p, uint32_t sequence);

struct held_piece {
	uint32_t sequence, size;
};
/* Moves *cursor (0 at first) to the next piece; false at the end. */
bool held_next(const struct held *h, const struct pool *p, uint32_t *cursor,
               struct held_piece *ret);
/* Copies the piece that *cursor is at. `room` has its size. */
void held_copy(const struct pool *p, uint32_t cursor, uint8_t *room);
