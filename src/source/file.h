/* file.h - reads whole files, and replaces them whole.
 *
 * What a reader gets is either all of a file or an error; what others see of a replaced file is either
 * the old bytes or the new ones, also after a crash. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/err.h"

#define FILE_SIZE_MAX ((size_t)1 << 32)

/* Appends the file's bytes. -errno; ERR_LIMIT over `size_max`. */
int file_read(const char *path, size_t size_max, struct buffer *ret) must_check;
/* The same of an open file. */
int file_read_open(int fd, size_t size_max, struct buffer *ret) must_check;
/* Reads from where the descriptor stands until `room` is full or the file ends, whatever a pipe gives at a time.
 * Returns how many bytes, or -errno. */
ssize_t file_fill(int fd, void *room, size_t size) must_check;
/* Writes all of it. -errno. */
int file_write_all(int fd, struct view bytes) must_check;
/* Writes a temporary file beside it, syncs, renames, syncs the folder. -errno; then the old one stays. */
int file_replace(const char *path, struct view bytes, unsigned mode) must_check;
/* After a change of names in it: so that they stand after a crash. -errno. */
int file_sync_folder_of(const char *path) must_check;
/* `name` as seen from the folder that `file` lies in; an absolute name stays. Caller frees; NULL when
 * memory is out. */
char *file_beside(const char *file, const char *name);
