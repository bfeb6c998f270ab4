/* directory.h - files of a log's directory: read whole, written so that a crash leaves old or new.
 *
 * Owns:    nothing; paths are relative to a directory's descriptor. Symbolic links are not followed at
 *          the last part of a path.
 * Fails:   -errno; ERR_LIMIT for a file over size_max. */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/view.h"

enum { DIRECTORY_PATH_SIZE = 256 };

/* The one name of unfinished files. */
extern const char directory_tmp[];

/* Replaces what `out` holds. */
int directory_read(int directory_fd, const char *path, size_t size_max,
                   struct buffer *out) must_check;
/* Temporary file, fsync, rename, fsync of its directory; makes missing directories durably. */
int directory_write(int directory_fd, const char *path, struct view bytes) must_check;
/* Removes every file in the directory at `path` and then itself; a missing one is OK. */
int directory_remove(int directory_fd, const char *path) must_check;
int directory_sync(int directory_fd, const char *path) must_check;

/* `is_file`: a regular file; what is neither that nor a directory is given with false. */
typedef int directory_walk_fn(void *context, const char *path, bool is_file);
/* Calls `each` for everything below `path` ("": the whole) that is no directory. */
int directory_walk(int directory_fd, const char *path, directory_walk_fn *each,
                   void *context) must_check;
