/* reader.h - bounded big-endian reader over bytes that someone else owns.
 *
 * A reader never allocates and never reads outside [at, end). The first read that does not fit
 * marks it `failed`, after which every read returns zero, so a parser reads a whole structure
 * and then checks once:
 *
 *	uint16_t type = read_u16(&r);
 *	struct reader body = read_block(&r, 2);
 *	if (r.failed)
 *		return ERR_TRUNCATED;
 *
 * Borrowed: a reader lives no longer than the bytes it was opened on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct reader {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

static inline struct reader reader_open(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	/* nothing at all may be NULL, and nothing is added to that */
	return (struct reader){.at = at, .end = size ? at + size : at};
}

static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

/* Returns `size` bytes and moves past them, or NULL (and fails) when fewer are left. */
static inline const uint8_t *read_bytes(struct reader *r, size_t size)
{
	if (r->failed || size > reader_left(r)) {
		r->failed = true;
		r->at = r->end;
		return NULL;
	}
	const uint8_t *bytes = r->at;
	r->at += size;
	return bytes;
}

static inline uint64_t read_uint(struct reader *r, size_t size)
{
	const uint8_t *bytes = read_bytes(r, size);
	uint64_t value = 0;
	for (size_t i = 0; bytes && i < size; i++)
		value = value << 8 | bytes[i];
	return value;
}

static inline uint8_t read_u8(struct reader *r)
{
	return (uint8_t)read_uint(r, 1);
}

static inline uint16_t read_u16(struct reader *r)
{
	return (uint16_t)read_uint(r, 2);
}

static inline uint32_t read_u32(struct reader *r)
{
	return (uint32_t)read_uint(r, 4);
}

/* Returns `size` bytes as a view; empty (and failed) when fewer are left. */
static inline struct view read_view(struct reader *r, size_t size)
{
	const uint8_t *bytes = read_bytes(r, size);
	return view_of(bytes, bytes ? size : 0);
}

/* Returns a reader over a block whose length is the next `prefix` bytes. */
static inline struct reader read_block(struct reader *r, size_t prefix)
{
	size_t size = (size_t)read_uint(r, prefix);
	const uint8_t *bytes = read_bytes(r, size);
	if (!bytes)
		return (struct reader){.failed = true};
	return reader_open(bytes, size);
}
