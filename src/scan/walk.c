#include "scan/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/statfs.h>

#include "scan/scan_private.h"

/* What is mounted in a tree and is no part of it. ROOT itself may be any. */
static const struct {
	unsigned type;
	const char *why; /* NULL: it has no stored files, and nothing is missed */
} not_entered[] = {
	{PROC_SUPER_MAGIC, NULL},
	{SYSFS_MAGIC, NULL},
	{DEVPTS_SUPER_MAGIC, NULL},
	{CGROUP_SUPER_MAGIC, NULL},
	{CGROUP2_SUPER_MAGIC, NULL},
	{DEBUGFS_MAGIC, NULL},
	{TRACEFS_MAGIC, NULL},
	{SECURITYFS_MAGIC, NULL},
	{SELINUX_MAGIC, NULL},
	{PSTOREFS_MAGIC, NULL},
	{EFIVARFS_MAGIC, NULL},
	{BPF_FS_MAGIC, NULL},
	{HUGETLBFS_MAGIC, NULL},
	{BINFMTFS_MAGIC, NULL},
	{NSFS_MAGIC, NULL},
	{0x62656570 /* configfs */, NULL},
	{0x19800202 /* mqueue */, NULL},
	{0x67596969 /* rpc_pipefs */, NULL},
	{AUTOFS_SUPER_MAGIC, "a file system that is mounted on demand"},
	{NFS_SUPER_MAGIC, "a file system of the network (NFS)"},
	{SMB_SUPER_MAGIC, "a file system of the network (SMB)"},
	{CIFS_SUPER_MAGIC, "a file system of the network (SMB)"},
	{SMB2_SUPER_MAGIC, "a file system of the network (SMB)"},
	{CEPH_SUPER_MAGIC, "a file system of the network (Ceph)"},
	{AFS_SUPER_MAGIC, "a file system of the network (AFS)"},
	{V9FS_MAGIC, "a file system of another machine (9p)"},
	{FUSE_SUPER_MAGIC, "a file system of a program (FUSE)"},
	{OVERLAYFS_SUPER_MAGIC, "what a container sees; its layers are looked at where they lie"},
};

struct level {
	DIR *folder;
	size_t path_size;
	dev_t device;
	ino_t inode;
};

struct walk {
	struct scan *scan;
	char path[PATH_MAX];
	size_t path_size;
	struct level levels[SCAN_DEPTH_MAX];
	size_t depth;
};

static bool is_above(const struct walk *w, const struct stat *s)
{
	for (size_t i = 0; i < w->depth; i++) {
		if (w->levels[i].device == s->st_dev && w->levels[i].inode == s->st_ino)
			return true;
	}
	return false;
}

bool scan_walk_enters(int fd, const char **ret_why)
{
	struct statfs f;
	if (fstatfs(fd, &f) < 0) {
		*ret_why = err_text(-errno);
		return false;
	}
	for (size_t i = 0; i < sizeof(not_entered) / sizeof(*not_entered); i++) {
		if ((unsigned)f.f_type == not_entered[i].type) {
			*ret_why = not_entered[i].why;
			return false;
		}
	}
	return true;
}

/* Whether that mounted file system is entered. */
static bool is_entered(struct walk *w, int fd)
{
	const char *why = NULL;
	bool enters = scan_walk_enters(fd, &why);
	if (why)
		scan_unread(w->scan, w->path, why);
	return enters;
}

static void push(struct walk *w, int fd, const struct stat *s)
{
	DIR *folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		w->scan->error = -ENOMEM;
		return;
	}
	w->levels[w->depth++] = (struct level){folder, w->path_size, s->st_dev, s->st_ino};
}

static void enter(struct walk *w, const char *name)
{
	struct stat s;
	const struct level *above = &w->levels[w->depth - 1];
	if (w->depth == SCAN_DEPTH_MAX) {
		scan_unread(w->scan, w->path, "too many folders in each other");
		return;
	}
	int fd = scan_root_open_folder(dirfd(above->folder), name, &s);
	if (fd < 0) {
		if (fd != -ENOENT)
			scan_unread(w->scan, w->path, err_text(fd));
		return;
	}
	bool is_loop = is_above(w, &s);
	if (is_loop)
		scan_unread(w->scan, w->path, "it is a folder that it lies in");
	if (is_loop || (s.st_dev != above->device && !is_entered(w, fd)))
		close(fd);
	else
		push(w, fd, &s);
}

/* Makes the path of that entry. False: it is too long. */
static bool extend(struct walk *w, const char *name)
{
	const struct level *l = &w->levels[w->depth - 1];
	size_t size = strlen(name);
	w->path[l->path_size] = '\0';
	if (l->path_size + 1 + size >= sizeof(w->path)) {
		scan_unread(w->scan, l->path_size ? w->path : "/",
		            "the path of an entry is too long");
		return false;
	}
	w->path[l->path_size] = '/';
	memcpy(w->path + l->path_size + 1, name, size + 1);
	w->path_size = l->path_size + 1 + size;
	return true;
}

static unsigned char type_of(int folder, const struct dirent *e)
{
	struct stat s;
	if (e->d_type != DT_UNKNOWN)
		return e->d_type;
	if (fstatat(folder, e->d_name, &s, AT_SYMLINK_NOFOLLOW) < 0)
		return DT_UNKNOWN;
	return S_ISDIR(s.st_mode)   ? DT_DIR
	       : S_ISREG(s.st_mode) ? DT_REG
	       : S_ISLNK(s.st_mode) ? DT_LNK
	                            : DT_UNKNOWN;
}

static void visit(struct walk *w, const struct dirent *e)
{
	struct scan *s = w->scan;
	int folder = dirfd(w->levels[w->depth - 1].folder);
	unsigned char type = type_of(folder, e);
	if ((type != DT_DIR && type != DT_REG && type != DT_LNK) || !extend(w, e->d_name))
		return;
	struct scan_file f = {.path = w->path,
	                      .name = w->path + w->path_size - strlen(e->d_name),
	                      .home = scan_homes_find(&s->homes, w->path),
	                      .is_folder = type == DT_DIR,
	                      .folder = folder};
	if (type == DT_LNK)
		scan_visit_link(s, &f);
	else
		scan_visit(s, &f);
	if (type == DT_DIR)
		enter(w, f.name);
}

/* The next entry of the innermost folder, or one folder back. */
static void step(struct walk *w)
{
	struct level *l = &w->levels[w->depth - 1];
	errno = 0;
	const struct dirent *e = readdir(l->folder);
	if (e && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0))
		return;
	if (e) {
		w->scan->entries++;
		visit(w, e);
		return;
	}
	w->path[l->path_size] = '\0';
	if (errno)
		scan_unread(w->scan, l->path_size ? w->path : "/", err_text(-errno));
	closedir(l->folder);
	w->depth--;
}

static void walk_all(struct walk *w)
{
	struct scan *s = w->scan;
	while (w->depth && s->error == OK) {
		if (atomic_load_explicit(&s->is_stopped, memory_order_relaxed))
			s->error = ERR_TRUNCATED;
		else if (s->entries >= s->settings.entries_max)
			break;
		else
			step(w);
	}
	if (w->depth && s->error == OK) {
		w->path[w->levels[w->depth - 1].path_size] = '\0';
		scan_unread(s, w->path, "too many files: this and what follows was not looked at");
	}
	while (w->depth)
		closedir(w->levels[--w->depth].folder);
}

void scan_walk(struct scan *s)
{
	struct stat st;
	cleanup(free) struct walk *w = calloc(1, sizeof(*w));
	int fd = w ? scan_root_open_top(&s->root, &st) : -ENOMEM;
	if (fd < 0) {
		s->error = fd;
		return;
	}
	w->scan = s;
	push(w, fd, &st);
	walk_all(w);
}
