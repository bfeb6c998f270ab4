#include "scan/link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "scan/walk.h"

enum { LINKS_MAX = 40 };

struct way {
	const struct scan_root *root;
	char done[PATH_MAX]; /* without links; empty: ROOT */
	char left[PATH_MAX]; /* what is to be gone yet */
	dev_t device;        /* of the last folder; 0: not known */
	unsigned links;
	const char *why;
};

/* Cuts the next part off; false at the end. */
static bool next_part(struct way *w, char ret[static NAME_MAX + 1])
{
	size_t begin = strspn(w->left, "/"), size = strcspn(w->left + begin, "/");
	size_t kept = size < NAME_MAX ? size : NAME_MAX;
	memcpy(ret, w->left + begin, kept);
	ret[kept] = '\0';
	memmove(w->left, w->left + begin + size, strlen(w->left + begin + size) + 1);
	return size > 0;
}

static void go_up(struct way *w)
{
	char *slash = strrchr(w->done, '/');
	if (slash)
		*slash = '\0';
	w->device = 0;
}

static int follow(struct way *w, int link)
{
	char target[PATH_MAX * 2];
	ssize_t size = readlinkat(link, "", target, PATH_MAX - 1);
	if (size < 0)
		return -errno;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	int all = snprintf(target + size, sizeof(target) - (size_t)size, "/%s", w->left);
	if ((size_t)size + (size_t)all >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(w->left, target, (size_t)size + (size_t)all + 1);
	if (target[0] == '/') {
		w->done[0] = '\0';
		w->device = 0;
	}
	return OK;
}

static int step(struct way *w, const char *part)
{
	char next[PATH_MAX];
	struct stat st;
	int size = snprintf(next, sizeof(next), "%s/%s", w->done, part);
	if ((size_t)size >= sizeof(next))
		return -ENAMETOOLONG;
	cleanup(fd) int fd = scan_root_find(w->root, next, &st);
	if (fd < 0)
		return fd;
	if (S_ISLNK(st.st_mode))
		return follow(w, fd);
	if (S_ISDIR(st.st_mode) && st.st_dev != w->device && !scan_walk_enters(fd, &w->why))
		return ERR_DENIED;
	w->device = S_ISDIR(st.st_mode) ? st.st_dev : w->device;
	memcpy(w->done, next, (size_t)size + 1);
	return OK;
}

int scan_link_resolve(const struct scan_root *root, const char *path, char ret[static PATH_MAX],
                      const char **ret_why)
{
	char part[NAME_MAX + 1];
	struct stat st;
	struct way w = {.root = root};
	int code = strlen(path) < PATH_MAX ? OK : -ENAMETOOLONG;
	if (code == OK && fstat(root->fd, &st) == 0)
		w.device = st.st_dev;
	if (code == OK)
		memcpy(w.left, path, strlen(path) + 1);
	while (code == OK && next_part(&w, part)) {
		if (strcmp(part, "..") == 0)
			go_up(&w);
		else if (strcmp(part, ".") != 0)
			code = step(&w, part);
	}
	if (code == OK)
		memcpy(ret, w.done, strlen(w.done) + 1);
	*ret_why = w.why;
	return code;
}
