/* writer.h - bounded big-endian writer into bytes that the caller owns.
 *
 * A writer never allocates and never writes outside [begin, end). The first write that does not fit
 * marks it `failed`, after which every write does nothing: write a whole structure, check once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/view.h"

struct writer {
	uint8_t *begin;
	uint8_t *at;
	uint8_t *end;
	bool failed;
};

static inline struct writer writer_open(void *bytes, size_t size)
{
	uint8_t *at = bytes;
	return (struct writer){.begin = at, .at = at, .end = at + size};
}

static inline size_t writer_size(const struct writer *w)
{
	return (size_t)(w->at - w->begin);
}

static inline size_t writer_left(const struct writer *w)
{
	return (size_t)(w->end - w->at);
}

/* Returns where `size` bytes may be written, and moves past them; NULL when they do not fit. */
static inline uint8_t *write_space(struct writer *w, size_t size)
{
	if (w->failed || size > writer_left(w)) {
		w->failed = true;
		return NULL;
	}
	uint8_t *at = w->at;
	w->at += size;
	return at;
}

static inline void write_bytes(struct writer *w, const void *bytes, size_t size)
{
	uint8_t *at = write_space(w, size);
	if (at && size)
		memcpy(at, bytes, size);
}

static inline void write_view(struct writer *w, struct view v)
{
	write_bytes(w, v.bytes, v.size);
}

static inline void write_uint(struct writer *w, uint64_t value, size_t size)
{
	uint8_t *at = write_space(w, size);
	for (size_t i = 0; at && i < size; i++)
		at[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

static inline void write_u8(struct writer *w, uint8_t value)
{
	write_uint(w, value, 1);
}

static inline void write_u16(struct writer *w, uint16_t value)
{
	write_uint(w, value, 2);
}

static inline void write_u32(struct writer *w, uint32_t value)
{
	write_uint(w, value, 4);
}

/* Overwrites two bytes that were written before, e.g. a length known only afterwards. */
static inline void write_u16_at(struct writer *w, uint8_t *at, uint16_t value)
{
	if (w->failed)
		return;
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}
