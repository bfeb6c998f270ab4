/* memory.h - memory that several processes map: policy images, rings of events, pages of counters.
 *
 * What:    anonymous files (memfd). Shared memory cannot change its size, so that no process can pull
 *          pages from under another; a copy for reading cannot be written by anybody any more.
 * Owns:    a struct memory owns its mapping and its descriptor; memory_close() releases both.
 * Fails:   -errno. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/view.h"

struct memory {
	void *bytes;
	size_t size;
	int fd;
};

#define MEMORY_NONE ((struct memory){.fd = -1})

/* Zeroed, mapped for writing. `name` is only seen in /proc. */
int memory_create(const char *name, size_t size, struct memory *ret) must_check;
/* Sealed against writing, mapped for reading. */
int memory_copy(const char *name, struct view bytes, struct memory *ret) must_check;
/* The same of a whole file, which is read once and not through other memory. ERR_TRUNCATED when it is
 * empty, ERR_LIMIT over `size_max`, ERR_INVALID when it is no regular file. */
int memory_read_file(const char *name, const char *path, size_t size_max,
                     struct memory *ret) must_check;
/* Maps what another process created. Takes the descriptor, also on failure. */
int memory_open(int fd, struct memory *ret) must_check;
/* Only what is sealed: ERR_INVALID for bytes that somebody could still change. */
int memory_open_sealed(int fd, struct memory *ret) must_check;
/* Takes NULL bytes; leaves MEMORY_NONE. */
void memory_close(struct memory *m);

static inline struct view memory_view(const struct memory *m)
{
	return view_of(m->bytes, m->size);
}

static inline void cleanup_memory(struct memory *m)
{
	memory_close(m);
}
