#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/sandbox.h"
#include "daemon/syscalls.h"
#include "tests/test.h"

enum { NOT_CONFINED = 99, NO_LANDLOCK = 77 };

static char directory[] = "/tmp/writ-sandbox-XXXXXX";

static const unsigned reading = 1U << SYSCALLS_PROCESS | 1U << SYSCALLS_FILES;

/* Runs `act` in a child inside the sandbox and returns its wait status. */
static int confined(unsigned syscalls, int (*act)(const struct sandbox_result *))
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		struct landlock_path paths[] = {{directory, PATH_WRITE}, {"/does/not/exist", 0}};
		struct sandbox s = {
			.uid = 61190, .paths = paths, .path_count = 2, .syscalls = syscalls};
		struct sandbox_result result;
		if (sandbox_enter(&s, &result) < 0)
			_exit(NOT_CONFINED);
		_exit(act(&result));
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int open_a_socket(const struct sandbox_result *result)
{
	(void)result;
	return socket(AF_INET, SOCK_DGRAM, 0) >= 0 ? 0 : 1;
}

static int ask_for_io_uring(const struct sandbox_result *result)
{
	(void)result;
	return syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == ENOSYS ? 0 : 1;
}

static int do_nothing(const struct sandbox_result *result)
{
	(void)result;
	return 0;
}

static int open_passwd(const struct sandbox_result *result)
{
	if (!result->landlock)
		return NO_LANDLOCK;
	int fd = open("/etc/passwd", O_RDONLY);
	return fd < 0 && errno == EACCES ? 0 : 1;
}

static int write_in_the_directory(const struct sandbox_result *result)
{
	(void)result;
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/file", directory);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	return fd >= 0 && write(fd, "x", 1) == 1 ? 0 : 1;
}

static int regain_root(const struct sandbox_result *result)
{
	if (!result->user_changed)
		return getuid() == result->uid ? 0 : 1;
	return getuid() == 61190 && getgid() == 61190 &&
	                       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	                       prctl(PR_CAPBSET_READ, 0 /* chown */, 0, 0, 0) == 0
	               ? 0
	               : 1;
}

static void a_call_that_is_not_on_the_list_ends_the_process(void **state)
{
	(void)state;
	int status = confined(reading, open_a_socket);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
	status = confined(reading | 1U << SYSCALLS_NETWORK, open_a_socket);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void what_is_on_the_list_works(void **state)
{
	(void)state;
	int status = confined(reading, do_nothing);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void io_uring_seems_absent(void **state)
{
	(void)state;
	int status = confined(reading, ask_for_io_uring);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void only_the_named_files_are_visible(void **state)
{
	(void)state;
	int status = confined(reading, open_passwd);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_LANDLOCK)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
	status = confined(reading, write_in_the_directory);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void privileges_do_not_come_back(void **state)
{
	(void)state;
	int status = confined(reading, regain_root);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* The capabilities of another process, by the row of that name. */
static uint64_t capabilities_of(pid_t pid, const char *row)
{
	char file[64], line[256];
	uint64_t bits = UINT64_MAX;
	(void)snprintf(file, sizeof(file), "/proc/%d/status", (int)pid);
	FILE *status = fopen(file, "re");
	assert_non_null(status);
	while (fgets(line, sizeof(line), status)) {
		if (strncmp(line, row, strlen(row)) == 0)
			bits = strtoull(line + strlen(row) + 1, NULL, 16);
	}
	assert_int_equal(fclose(status), 0);
	return bits;
}

static void only_the_named_capability_is_kept(void **state)
{
	(void)state;
	int ready[2], done[2];
	char byte;
	uint64_t admin = UINT64_C(1) << CAP_NET_ADMIN;
	if (!(capabilities_of(getpid(), "CapEff:") & admin))
		skip();
	assert_int_equal(pipe(ready) | pipe(done), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		struct sandbox s = {.uid = 61190,
		                    .syscalls = reading,
		                    .capabilities =
		                            admin |
		                            UINT64_C(1) << 63 /* there is none of that number */};
		struct sandbox_result result;
		if (sandbox_enter(&s, &result) < 0)
			_exit(NOT_CONFINED);
		_exit(write(ready[1], "r", 1) == 1 && read(done[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_true(capabilities_of(pid, "CapEff:") == admin);
	assert_true(capabilities_of(pid, "CapPrm:") == admin);
	assert_true(capabilities_of(pid, "CapInh:") == 0);
	if (geteuid() == 0)
		assert_true(capabilities_of(pid, "CapBnd:") == 0);
	assert_int_equal(write(done[1], "d", 1), 1);
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) && chmod(directory, 0777) == 0 ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/file", directory);
	(void)unlink(path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_is_not_on_the_list_ends_the_process),
		cmocka_unit_test(what_is_on_the_list_works),
		cmocka_unit_test(io_uring_seems_absent),
		cmocka_unit_test(only_the_named_files_are_visible),
		cmocka_unit_test(privileges_do_not_come_back),
		cmocka_unit_test(only_the_named_capability_is_kept),
	};
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
