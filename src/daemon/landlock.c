#include "daemon/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The kernel's struct grew with its versions; ours is the newest that we fill in. */
struct ruleset {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

#define ACCESS_READ_FILE  (UINT64_C(1) << 2)
#define ACCESS_READ_DIR   (UINT64_C(1) << 3)
#define ACCESS_REFER      (UINT64_C(1) << 13)
#define ACCESS_TRUNCATE   (UINT64_C(1) << 14)
#define ACCESS_IOCTL_DEV  (UINT64_C(1) << 15)
#define ACCESS_VERSION_1  ((UINT64_C(1) << 13) - 1)
#define ACCESS_DEVICES    (UINT64_C(1) << 6 | UINT64_C(1) << 11) /* making device nodes */
#define ACCESS_EXECUTE    (UINT64_C(1) << 0)
#define ACCESS_WRITE_FILE (UINT64_C(1) << 1)
#define SCOPE_ALL         UINT64_C(3) /* abstract sockets and signals stay inside */

#define ACCESS_READ  (ACCESS_READ_FILE | ACCESS_READ_DIR)
#define ACCESS_FILES (ACCESS_READ_FILE | ACCESS_WRITE_FILE | ACCESS_TRUNCATE | ACCESS_EXECUTE)

/* The first version forbids every renaming from one directory to another, which the log needs. */
enum { VERSION_MIN = 2 };

static uint64_t known_access(int version)
{
	return ACCESS_VERSION_1 | ACCESS_REFER | (version >= 3 ? ACCESS_TRUNCATE : 0) |
	       (version >= 5 ? ACCESS_IOCTL_DEV : 0);
}

static uint64_t wanted_access(enum path_access access)
{
	if (access == PATH_READ)
		return ACCESS_READ;
	return ~(ACCESS_DEVICES | ACCESS_EXECUTE | ACCESS_IOCTL_DEV);
}

static int add_path(int ruleset, const struct landlock_path *p, uint64_t known)
{
	cleanup(fd) int fd = open(p->path, O_PATH | O_CLOEXEC);
	struct stat s;
	if (fd < 0 || fstat(fd, &s) < 0)
		return errno == ENOENT ? OK : -errno;
	uint64_t access = wanted_access(p->access) & known;
	if (!S_ISDIR(s.st_mode))
		access &= ACCESS_FILES;
	struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return -errno;
	return OK;
}

int landlock_enter(const struct landlock_path *paths, size_t count)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* ask for the version */);
	if (version < VERSION_MIN)
		return ERR_MISSING;
	uint64_t known = known_access((int)version);
	struct ruleset attributes = {.handled_access_fs = known,
	                             .scoped = version >= 6 ? SCOPE_ALL : 0};
	size_t size = version >= 6   ? sizeof(attributes)
	              : version >= 4 ? 2 * sizeof(uint64_t)
	                             : sizeof(uint64_t);
	cleanup(fd) int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
	if (ruleset < 0)
		return -errno;
	for (size_t i = 0; i < count; i++) {
		int code = add_path(ruleset, &paths[i], known);
		if (code < 0)
			return code;
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return -errno;
	return (int)version;
}
