/* byte_source.h - a file that is too large to be held, as who reads it in pieces sees it.
 *
 * What:    readers of such files are pure over this: a file behind it, or the memory of a test.
 * Fails:   `read`: ERR_TRUNCATED where the piece is not wholly inside; -errno. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct byte_source {
	int (*read)(const struct byte_source *b, uint64_t at, void *to, size_t size);
	uint64_t size;
	int fd;            /* of a file: stays the caller's */
	struct view bytes; /* of byte_source_of_memory() */
	void *of;          /* of another that has its own `read` */
};

/* As large as it is now; nothing for no descriptor. */
struct byte_source byte_source_of_file(int fd);
struct byte_source byte_source_of_sized(int fd, uint64_t size);
struct byte_source byte_source_of_memory(struct view bytes);

static inline int byte_source_read(const struct byte_source *b, uint64_t at, void *to, size_t size)
{
	return at > b->size || size > b->size - at ? ERR_TRUNCATED : b->read(b, at, to, size);
}
