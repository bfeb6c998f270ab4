#include "flow/pool.h"

#include <errno.h>
#include <stdlib.h>

struct pool_chunk {
	uint32_t next;       /* of the piece's chain, or the next that is free */
	uint32_t next_piece; /* these three: of a piece's first chunk only */
	uint32_t sequence;
	uint32_t size; /* of the piece */
	uint8_t bytes[POOL_CHUNK_SIZE - 16];
};

enum { CHUNK_BYTES = sizeof(((struct pool_chunk *)NULL)->bytes) };
_Static_assert(sizeof(struct pool_chunk) == POOL_CHUNK_SIZE, "a chunk has no gaps");

int pool_init(struct pool *p, size_t bytes)
{
	size_t count = bytes / POOL_CHUNK_SIZE;
	if (count >= UINT32_MAX)
		count = UINT32_MAX - 1;
	*p = (struct pool){.count = (uint32_t)count, .fresh = 1};
	p->chunks = calloc(count + 1, sizeof(*p->chunks));
	return p->chunks ? OK : -ENOMEM;
}

void pool_done(struct pool *p)
{
	free(p->chunks);
	*p = (struct pool){0};
}

static uint32_t take_chunk(struct pool *p)
{
	uint32_t at = p->free;
	p->used++;
	if (at == POOL_NONE)
		return p->fresh++;
	p->free = p->chunks[at].next;
	return at;
}

static void give_chain(struct pool *p, uint32_t at)
{
	while (at != POOL_NONE) {
		uint32_t next = p->chunks[at].next;
		p->chunks[at].next = p->free;
		p->free = at;
		p->used--;
		at = next;
	}
}

static void fill(struct pool *p, uint32_t first, struct view bytes)
{
	uint32_t at = first;
	for (;;) {
		struct pool_chunk *c = &p->chunks[at];
		size_t part = bytes.size < CHUNK_BYTES ? bytes.size : CHUNK_BYTES;
		memcpy(c->bytes, bytes.bytes, part);
		bytes = view_skip(bytes, part);
		c->next = bytes.size ? take_chunk(p) : POOL_NONE;
		if (bytes.size == 0)
			return;
		at = c->next;
	}
}

int held_add(struct held *h, struct pool *p, uint32_t sequence, struct view bytes)
{
	size_t chunks = (bytes.size + CHUNK_BYTES - 1) / CHUNK_BYTES;
	if (bytes.size == 0)
		return OK;
	if (chunks > p->count - p->used)
		return ERR_LIMIT;
	uint32_t first = take_chunk(p);
	p->chunks[first].sequence = sequence;
	p->chunks[first].size = (uint32_t)bytes.size;
	p->chunks[first].next_piece = POOL_NONE;
	fill(p, first, bytes);
	if (h->last != POOL_NONE)
		p->chunks[h->last].next_piece = first;
	else
		h->first = first;
	h->last = first;
	h->bytes += (uint32_t)bytes.size;
	h->count++;
	return OK;
}

void held_clear(struct held *h, struct pool *p)
{
	uint32_t at = h->first;
	while (at != POOL_NONE) {
		uint32_t next = p->chunks[at].next_piece;
		give_chain(p, at);
		at = next;
	}
	*h = (struct held){0};
}

static bool ends_before(const struct pool_chunk *c, uint32_t sequence)
{
	return (int32_t)(c->sequence + c->size - sequence) <= 0;
}

void held_forget_before(struct held *h, struct pool *p, uint32_t sequence)
{
	uint32_t *link = &h->first;
	uint32_t last = POOL_NONE;
	while (*link != POOL_NONE) {
		uint32_t at = *link;
		struct pool_chunk *c = &p->chunks[at];
		if (!ends_before(c, sequence)) {
			last = at;
			link = &c->next_piece;
			continue;
		}
		*link = c->next_piece;
		h->bytes -= c->size;
		h->count--;
		give_chain(p, at);
	}
	h->last = last;
}

bool held_next(const struct held *h, const struct pool *p, uint32_t *cursor, struct held_piece *ret)
{
	*cursor = *cursor == POOL_NONE ? h->first : p->chunks[*cursor].next_piece;
	if (*cursor == POOL_NONE)
		return false;
	const struct pool_chunk *c = &p->chunks[*cursor];
	*ret = (struct held_piece){.sequence = c->sequence, .size = c->size};
	return true;
}

void held_copy(const struct pool *p, uint32_t cursor, uint8_t *room)
{
	size_t left = p->chunks[cursor].size;
	for (uint32_t at = cursor; at != POOL_NONE && left; at = p->chunks[at].next) {
		size_t part = left < CHUNK_BYTES ? left : CHUNK_BYTES;
		memcpy(room, p->chunks[at].bytes, part);
		room += part;
		left -= part;
	}
}
