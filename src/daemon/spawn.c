#include "daemon/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/role.h"
#include "net/message.h"

/* Where the two descriptors may be meanwhile: over every number that a role is given. */
enum { OUT_OF_THE_WAY = 10 };

static void give(int fd, int number)
{
	/* the copy is not closed on exec */
	if (fd < 0 || dup2(fd, number) < 0)
		_exit(EXIT_STATUS_INTERNAL);
}

/* Only calls that are safe between fork and exec. */
static void become(const char *name, int socket, int lock)
{
	socket = fcntl(socket, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	lock = fcntl(lock, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	give(socket, ROLE_PARENT_FD);
	give(lock, ROLE_LOCK_FD);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	char program[] = "/proc/self/exe", title[] = "writ", verb[] = "run", option[] = "--role";
	char role[32];
	size_t i = 0;
	for (; name[i] && i < sizeof(role) - 1; i++)
		role[i] = name[i];
	role[i] = '\0';
	char *arguments[] = {title, verb, option, role, NULL};
	execv(program, arguments);
	_exit(EXIT_STATUS_INTERNAL);
}

int spawn_role(const char *name, int lock, pid_t *ret_pid, int *ret_fd)
{
	int pair[2];
	int code = message_pair(pair);
	if (code < 0)
		return code;
	cleanup(fd) int ours = pair[0];
	cleanup(fd) int theirs = pair[1];
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(name, theirs, lock);
	*ret_pid = pid;
	*ret_fd = ours;
	ours = -1;
	return OK;
}
