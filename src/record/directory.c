#include "record/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"

enum { WALK_DEPTH_MAX = 12, FILE_MODE = 0640, DIRECTORY_MODE = 0750 };

const char directory_tmp[] = "tmp";

DEFINE_CLEANUP(dir, DIR *, closedir);

int directory_read(int directory_fd, const char *path, size_t size_max, struct buffer *out)
{
	cleanup(fd) int fd =
		openat(directory_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	out->size = 0;
	for (;;) {
		/* one byte more than the file has, to see its end; it may grow meanwhile */
		size_t want = out->size == 0 ? (size_t)st.st_size + 1 : 65536;
		if (out->size > size_max || (size_t)st.st_size > size_max)
			return ERR_LIMIT;
		uint8_t *at = buffer_space(out, want);
		if (!at)
			return -ENOMEM;
		ssize_t got = read(fd, at, want);
		out->size -= want - (got > 0 ? (size_t)got : 0);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return out->size > size_max ? ERR_LIMIT : OK;
	}
}

static int write_all(int fd, struct view bytes)
{
	while (bytes.size) {
		ssize_t done = write(fd, bytes.bytes, bytes.size);
		if (done < 0 && errno != EINTR)
			return -errno;
		bytes = view_skip(bytes, done > 0 ? (size_t)done : 0);
	}
	return OK;
}

int directory_sync(int directory_fd, const char *path)
{
	cleanup(fd) int fd =
		openat(directory_fd, path[0] ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : OK;
}

/* The part of `path` before its last '/', or "". */
static void parent_of(const char *path, char parent[static DIRECTORY_PATH_SIZE])
{
	const char *slash = strrchr(path, '/');
	(void)snprintf(parent, DIRECTORY_PATH_SIZE, "%.*s", slash ? (int)(slash - path) : 0, path);
}

static int make_parents(int directory_fd, const char *path)
{
	char part[DIRECTORY_PATH_SIZE], parent[DIRECTORY_PATH_SIZE];
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(directory_fd, part, DIRECTORY_MODE) < 0) {
			if (errno != EEXIST)
				return -errno;
			continue;
		}
		parent_of(part, parent);
		int err = directory_sync(directory_fd, parent);
		if (err < 0)
			return err;
	}
	return OK;
}

static int write_tmp(int directory_fd, struct view bytes)
{
	cleanup(fd) int fd =
		openat(directory_fd, directory_tmp,
	               O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (fd < 0)
		return -errno;
	int err = write_all(fd, bytes);
	if (err == OK && fsync(fd) < 0)
		err = -errno;
	return err;
}

int directory_write(int directory_fd, const char *path, struct view bytes)
{
	char parent[DIRECTORY_PATH_SIZE];
	parent_of(path, parent);
	int err = write_tmp(directory_fd, bytes);
	if (err == OK)
		err = make_parents(directory_fd, path);
	if (err == OK && renameat(directory_fd, directory_tmp, directory_fd, path) < 0)
		err = -errno;
	if (err < 0) {
		(void)unlinkat(directory_fd, directory_tmp, 0); /* gives its space back */
		return err;
	}
	return directory_sync(directory_fd, parent);
}

static DIR *open_list(int directory_fd, const char *path)
{
	int fd = openat(directory_fd, path[0] ? path : ".",
	                O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (!list && fd >= 0)
		close(fd);
	return list;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int directory_remove(int directory_fd, const char *path)
{
	cleanup(dir) DIR *list = open_list(directory_fd, path);
	if (!list)
		return errno == ENOENT ? OK : -errno;
	for (struct dirent *e; (e = readdir(list));) {
		if (!is_dots(e->d_name) && unlinkat(dirfd(list), e->d_name, 0) < 0)
			return -errno;
	}
	return unlinkat(directory_fd, path, AT_REMOVEDIR) < 0 ? -errno : OK;
}

static int walk(int directory_fd, const char *path, unsigned depth, directory_walk_fn *each,
                void *context)
{
	cleanup(dir) DIR *list = open_list(directory_fd, path);
	if (!list)
		return -errno;
	for (struct dirent *e; (e = readdir(list));) {
		char below[DIRECTORY_PATH_SIZE];
		struct stat st;
		if (is_dots(e->d_name))
			continue;
		int size = snprintf(below, sizeof(below), "%s%s%s", path, path[0] ? "/" : "",
		                    e->d_name);
		bool too_long = size >= (int)sizeof(below) || depth == WALK_DEPTH_MAX;
		if (!too_long && fstatat(dirfd(list), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno == ENOENT)
				continue; /* gone meanwhile */
			return -errno;
		}
		int err = too_long ? each(context, below, false)
		          : S_ISDIR(st.st_mode)
		                  ? walk(directory_fd, below, depth + 1, each, context)
		                  : each(context, below, S_ISREG(st.st_mode));
		if (err != OK)
			return err;
	}
	return OK;
}

int directory_walk(int directory_fd, const char *path, directory_walk_fn *each, void *context)
{
	return walk(directory_fd, path, 0, each, context);
}
