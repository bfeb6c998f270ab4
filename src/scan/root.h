/* root.h - the tree that a scan looks at: `/`, a mounted image, the root of a container.
 *
 * What:    every file is opened here. Nothing is ever opened for writing. A path is resolved inside ROOT: an absolute
 *          link means ROOT's own, `..` ends there, and links of /proc are none. An entry of an open folder is never
 *          followed when it is a link. Only regular files and folders are opened: what something is, is known before
 *          it is opened, so no device wakes and no FIFO waits. The time of the last access stays where the kernel
 *          permits it (O_NOATIME: the owner, or CAP_FOWNER).
 * Fails:   -errno; ERR_DENIED for what is no regular file; -ENOSYS before Linux 5.6, which has no openat2().
 * Threads: any. */
#pragma once

#include <sys/stat.h>

#include "base/err.h"

struct scan_root {
	int fd;
};

int scan_root_open(const char *path, struct scan_root *ret) must_check;
void scan_root_close(struct scan_root *root);

/* A regular file by its path in ROOT. Returns a descriptor. */
int scan_root_open_path(const struct scan_root *root, const char *path,
                        struct stat *ret_stat) must_check;
/* What has that path in ROOT, none of whose parts before the last may be a link; a descriptor that cannot be read. */
int scan_root_find(const struct scan_root *root, const char *path,
                   struct stat *ret_stat) must_check;
/* A regular file that is an entry of an open folder of ROOT. */
int scan_root_open_entry(int folder, const char *name, struct stat *ret_stat) must_check;
/* A folder that is one; to be read by readdir(). */
int scan_root_open_folder(int folder, const char *name, struct stat *ret_stat) must_check;
/* ROOT itself. */
int scan_root_open_top(const struct scan_root *root, struct stat *ret_stat) must_check;
