#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 64 * 1024 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used;
	alignas(max_align_t) uint8_t bytes[];
};

void arena_init(struct arena *a, size_t size_max)
{
	*a = (struct arena){.size_max = size_max};
}

void arena_done(struct arena *a)
{
	for (struct arena_chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct arena){.size_max = a->size_max};
}

static struct arena_chunk *add_chunk(struct arena *a, size_t least)
{
	size_t size = least > CHUNK_SIZE ? least : CHUNK_SIZE;
	struct arena_chunk *c = malloc(sizeof(*c) + size);
	if (!c)
		return NULL;
	*c = (struct arena_chunk){.next = a->chunks, .size = size};
	a->chunks = c;
	return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (a->failed || size > SIZE_MAX / 2)
		goto fail;
	size = (size + align - 1) & ~(align - 1);
	if (a->size_max && size > a->size_max - a->used)
		goto fail;
	struct arena_chunk *c = a->chunks;
	if (!c || size > c->size - c->used)
		c = add_chunk(a, size);
	if (!c)
		goto fail;
	void *at = c->bytes + c->used;
	c->used += size;
	a->used += size;
	return memset(at, 0, size);
fail:
	a->failed = true;
	return NULL;
}

void *arena_copy(struct arena *a, const void *bytes, size_t size)
{
	void *at = arena_alloc(a, size ? size : 1);
	if (at && size)
		memcpy(at, bytes, size);
	return at;
}

char *arena_text(struct arena *a, struct view v)
{
	char *text = arena_alloc(a, v.size + 1);
	if (text && v.size)
		memcpy(text, v.bytes, v.size);
	return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);
	char *text = size < 0 ? NULL : arena_alloc(a, (size_t)size + 1);
	if (text)
		(void)vsnprintf(text, (size_t)size + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}
