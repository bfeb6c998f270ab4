#include "daemon/directory.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WALK_FDS = 16 };

int directory_make(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t size = strlen(path);
	if (size >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= size; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return -errno;
	}
	struct stat s;
	if (stat(path, &s) < 0)
		return -errno;
	return S_ISDIR(s.st_mode) ? OK : -ENOTDIR;
}

/* nftw() hands nothing through to its function. Only the parent walks, in one thread. */
static struct {
	uid_t uid;
	gid_t gid;
	int64_t bytes;
} walk;

static int give_one(const char *path, const struct stat *s, int type, struct FTW *where)
{
	(void)s;
	(void)type;
	(void)where;
	return lchown(path, walk.uid, walk.gid) < 0 ? errno : 0;
}

int directory_give(const char *path, uid_t uid, gid_t gid)
{
	struct stat s;
	if (stat(path, &s) < 0)
		return -errno;
	if (s.st_uid == uid)
		return OK;
	walk.uid = uid;
	walk.gid = gid;
	int code = nftw(path, give_one, WALK_FDS, FTW_PHYS);
	return code < 0 ? -errno : -code;
}

static int add_size(const char *path, const struct stat *s, int type, struct FTW *where)
{
	(void)path;
	(void)where;
	if (type == FTW_F)
		walk.bytes += s->st_size;
	return 0;
}

int64_t directory_size(const char *path)
{
	walk.bytes = 0;
	(void)nftw(path, add_size, WALK_FDS, FTW_PHYS);
	return walk.bytes;
}
