#include "source/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"

enum { READ_STEP = 1 << 20, LARGE_SIZE = 8 << 20 };

static int read_all(int fd, size_t size_max, struct buffer *ret)
{
	for (;;) {
		size_t before = ret->size;
		uint8_t *at = buffer_space(ret, READ_STEP);
		if (!at)
			return -ENOMEM;
		ssize_t got = read(fd, at, READ_STEP);
		ret->size = before + (got > 0 ? (size_t)got : 0);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (ret->size > size_max)
			return ERR_LIMIT;
		if (got == 0)
			return OK;
	}
}

int file_read_open(int fd, size_t size_max, struct buffer *ret)
{
	size_t before = ret->size;
	int r = read_all(fd, size_max, ret);
	if (r < 0)
		ret->size = before;
	return r;
}

/* Room for a large file at once, and by large pages where the system has them: thousands of small ones cost more than
 * the copy. */
static void reserve(struct buffer *b, size_t size)
{
	size_t before = b->size;
	uint8_t *room = buffer_space(b, size + READ_STEP);
	if (!room)
		return;
	b->size = before;
	size_t page = (size_t)getpagesize(), aside = -(uintptr_t)room % page;
	(void)madvise(room + aside, (size - aside) / page * page, MADV_HUGEPAGE);
}

int file_read(const char *path, size_t size_max, struct buffer *ret)
{
	struct stat st;
	cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode) && st.st_size >= LARGE_SIZE && (size_t)st.st_size <= size_max)
		reserve(ret, (size_t)st.st_size);
	return file_read_open(fd, size_max, ret);
}

ssize_t file_fill(int fd, void *room, size_t size)
{
	size_t filled = 0;
	while (filled < size) {
		ssize_t got = read(fd, (uint8_t *)room + filled, size - filled);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		filled += (size_t)got;
	}
	return (ssize_t)filled;
}

int file_write_all(int fd, struct view bytes)
{
	while (bytes.size) {
		ssize_t put = write(fd, bytes.bytes, bytes.size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes = view_skip(bytes, (size_t)put);
	}
	return OK;
}

int file_sync_folder_of(const char *path)
{
	cleanup(free) char *folder = file_beside(path, ".");
	if (!folder)
		return -ENOMEM;
	cleanup(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : OK;
}

int file_replace(const char *path, struct view bytes, unsigned mode)
{
	cleanup(free) char *temporary = NULL;
	if (asprintf(&temporary, "%s.new", path) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	cleanup(fd) int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	int r = file_write_all(fd, bytes);
	if (r == OK && fsync(fd) < 0)
		r = -errno;
	if (r == OK && rename(temporary, path) < 0)
		r = -errno;
	if (r == OK)
		return file_sync_folder_of(path);
	(void)unlink(temporary);
	return r;
}

char *file_beside(const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	char *path = NULL;
	int folder = slash ? (int)(slash - file) : 1;
	if (name[0] == '/')
		return strdup(name);
	if (asprintf(&path, "%.*s/%s", folder, slash ? file : ".", name) < 0)
		return NULL;
	return path;
}
