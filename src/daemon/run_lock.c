#include "daemon/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <time.h>

#include "base/cleanup.h"
#include "daemon/control.h"

enum { STEP_MS = 50 };

/* Its parent is there when somebody listens on the control socket. */
static bool answers(const char *run_directory)
{
	struct sockaddr_un to;
	cleanup(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd >= 0 && control_address(run_directory, &to) == OK &&
	       connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0;
}

int run_lock_take(const char *run_directory, int wait_ms, int *ret_fd)
{
	char path[PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/lock", run_directory);
	cleanup(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	for (int waited_ms = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited_ms += STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (answers(run_directory))
			return ERR_EXISTS;
		if (waited_ms >= wait_ms)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
	}
	*ret_fd = fd;
	fd = -1;
	return OK;
}
