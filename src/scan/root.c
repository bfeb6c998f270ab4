#include "scan/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW };

static int open_in(int folder, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {.flags = (uint64_t)flags, .resolve = resolve};
	int fd;
	do
		fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd < 0 ? -errno : fd;
}

/* Without a change of the access time where that is permitted. */
static int open_quietly(int folder, const char *path, int flags, uint64_t resolve)
{
	int fd = open_in(folder, path, flags | O_NOATIME, resolve);
	return fd == -EPERM ? open_in(folder, path, flags, resolve) : fd;
}

/* The file of an O_PATH descriptor, to be read: it is what was looked at, whatever its name means by now. */
static int open_seen(int seen, const struct stat *s)
{
	char path[32];
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	if (!S_ISREG(s->st_mode))
		return ERR_DENIED;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", seen);
	int fd = open(path, flags | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = open(path, flags);
	return fd < 0 ? -errno : fd;
}

static int open_regular(int folder, const char *path, int flags, uint64_t resolve,
                        struct stat *ret_stat)
{
	struct stat s;
	cleanup(fd) int seen = open_in(folder, path, O_PATH | O_CLOEXEC | flags, resolve);
	if (seen < 0)
		return seen;
	if (fstat(seen, &s) < 0)
		return -errno;
	int fd = open_seen(seen, &s);
	if (fd >= 0)
		*ret_stat = s;
	return fd;
}

static int with_stat(int fd, struct stat *ret_stat)
{
	struct stat s;
	if (fd < 0)
		return fd;
	if (fstat(fd, &s) < 0) {
		int code = -errno;
		close(fd);
		return code;
	}
	*ret_stat = s;
	return fd;
}

int scan_root_open(const char *path, struct scan_root *ret)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret->fd = fd;
	return OK;
}

void scan_root_close(struct scan_root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = -1;
}

int scan_root_open_path(const struct scan_root *root, const char *path, struct stat *ret_stat)
{
	return open_regular(root->fd, path, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, ret_stat);
}

int scan_root_find(const struct scan_root *root, const char *path, struct stat *ret_stat)
{
	return with_stat(open_in(root->fd, path, O_PATH | O_CLOEXEC | O_NOFOLLOW,
	                         RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS),
	                 ret_stat);
}

int scan_root_open_entry(int folder, const char *name, struct stat *ret_stat)
{
	return open_regular(folder, name, O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	                    ret_stat);
}

int scan_root_open_folder(int folder, const char *name, struct stat *ret_stat)
{
	return with_stat(open_quietly(folder, name, FOLDER, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS),
	                 ret_stat);
}

int scan_root_open_top(const struct scan_root *root, struct stat *ret_stat)
{
	return with_stat(open_quietly(root->fd, ".", FOLDER, RESOLVE_BENEATH), ret_stat);
}
