/* buffer.h - bytes that grow.
 *
 * Sticky: once memory or `size_max` is exhausted, `failed` stays set and every call does nothing.
 * `bytes` is owned by the buffer; buffer_done() frees it, buffer_take() hands it over. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct buffer {
	uint8_t *bytes;
	size_t size, capacity, size_max; /* size_max of 0 means no limit */
	bool failed;
};

void buffer_done(struct buffer *b);
/* Returns where `size` more bytes may be written, already counted in b->size; NULL on failure. */
uint8_t *buffer_space(struct buffer *b, size_t size);
void buffer_add(struct buffer *b, const void *bytes, size_t size);
void buffer_add_text(struct buffer *b, const char *text);
/* In decimal digits. */
void buffer_add_number(struct buffer *b, uint64_t number);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Returns a NUL-terminated heap copy that the caller frees, and empties the buffer. NULL on failure. */
char *buffer_take(struct buffer *b);

static inline void buffer_add_view(struct buffer *b, struct view v)
{
	buffer_add(b, v.bytes, v.size);
}

static inline struct view buffer_view(const struct buffer *b)
{
	return view_of(b->bytes, b->size);
}
