/* arena.h - memory of one lifetime: allocated piece by piece, freed once.
 *
 * Sticky: after the first allocation that fails (no memory, or over `size_max`), every allocation
 * returns NULL and `failed` stays set. Memory is zeroed and aligned for any type. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/view.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used, size_max;      /* bytes */
	bool failed;
};

/* `size_max` of 0 means no limit. */
void arena_init(struct arena *a, size_t size_max);
void arena_done(struct arena *a);

void *arena_alloc(struct arena *a, size_t size);
void *arena_copy(struct arena *a, const void *bytes, size_t size);
/* Returns a NUL-terminated copy. */
char *arena_text(struct arena *a, struct view v);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
