#include "daemon/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "source/file.h"

enum { PATIENCE_MS = 20000, PATH_SIZE = 128 };

static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

static int find(const char *name, char ret_path[static PATH_SIZE])
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int size = snprintf(ret_path, PATH_SIZE, "%s/%s", folders[i], name);
		if (size < PATH_SIZE && access(ret_path, X_OK) == 0)
			return OK;
	}
	return ERR_MISSING;
}

static int memory_of(struct view bytes)
{
	cleanup(fd) int fd = memfd_create("tool", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	int code = file_write_all(fd, bytes);
	if (code < 0)
		return code;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	int taken = fd;
	fd = -1;
	return taken;
}

static void give(int fd, int number)
{
	if (dup2(fd, number) < 0)
		_exit(127);
}

/* Only calls that are safe between fork and exec. What it prints goes where its complaints go. */
static void become(const char *path, const char *const *arguments, int in, int out)
{
	static const char *const environment[] = {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	                                          NULL};
	/* out of the way of the three numbers */
	in = fcntl(in, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	out = fcntl(out, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	give(in, STDIN_FILENO);
	give(out, STDOUT_FILENO);
	give(out, STDERR_FILENO);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(path, (char **)(uintptr_t)arguments, (char **)(uintptr_t)environment);
	_exit(127);
}

static int wait_for(pid_t pid, int *ret_status)
{
	cleanup(fd) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = {fd, POLLIN, 0};
	int n;
	do
		n = fd < 0 ? 1 : poll(&end, 1, PATIENCE_MS);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, ret_status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return n == 0 ? -ETIMEDOUT : OK;
}

static void read_complaint(int fd, char ret[static TOOL_COMPLAINT_SIZE])
{
	ssize_t size = pread(fd, ret, TOOL_COMPLAINT_SIZE - 1, 0);
	size_t end = size > 0 ? (size_t)size : 0;
	while (end && (unsigned char)ret[end - 1] <= ' ')
		end--;
	ret[end] = '\0';
	for (size_t i = 0; i < end; i++) {
		if ((unsigned char)ret[i] < ' ' && ret[i] != '\n')
			ret[i] = ' ';
	}
}

int tool_run(const char *const *arguments, struct view input,
             char ret_complaint[static TOOL_COMPLAINT_SIZE])
{
	char path[PATH_SIZE];
	ret_complaint[0] = '\0';
	int code = find(arguments[0], path);
	if (code < 0)
		return code;
	cleanup(fd) int in = memory_of(input);
	cleanup(fd) int out = memory_of((struct view){0});
	if (in < 0 || out < 0)
		return in < 0 ? in : out;
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(path, arguments, in, out);
	int status = 0;
	code = wait_for(pid, &status);
	if (code < 0)
		return code;
	read_complaint(out, ret_complaint);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? OK : ERR_INVALID;
}
