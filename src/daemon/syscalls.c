#include "daemon/syscalls.h"

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

#if defined(__has_feature)
#	if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#		define UNDER_SANITIZER 1
#	endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#	define UNDER_SANITIZER 1
#endif
#ifndef UNDER_SANITIZER
#	define UNDER_SANITIZER 0
#endif

/* clang-format off */
static const char *const process[] = {
	"brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "membarrier", "futex", "clone",
	"clone3", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity",
	"sched_setaffinity", "gettid", "getpid", "getuid", "geteuid", "getgid", "getegid",
	"tgkill", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
	"restart_syscall", "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep",
	"gettimeofday", "time", "getrandom", "prlimit64", "getrlimit", "getrusage", "sysinfo",
	"uname", "prctl", "exit", "exit_group", "arch_prctl", NULL};

static const char *const files[] = {
	"open", "openat", "close", "read", "pread64", "readv", "preadv", "write", "writev",
	"lseek", "_llseek", "fstat", "fstat64", "stat", "stat64", "lstat", "lstat64",
	"newfstatat", "fstatat64", "statx", "access", "faccessat", "faccessat2", "fcntl",
	"fcntl64", "getdents64", "readlink", "readlinkat", "getcwd", "fstatfs", "fadvise64",
	"dup", "ioctl", NULL};

static const char *const store[] = {
	"pwrite64", "pwritev", "ftruncate", "ftruncate64", "truncate", "fsync", "fdatasync",
	"sync_file_range", "fallocate", "rename", "renameat", "renameat2", "link", "linkat",
	"unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "flock", "fchmod", "fchown",
	"utimensat", "umask", "copy_file_range", NULL};

static const char *const messages[] = {
	"sendmsg", "recvmsg", "poll", "ppoll", "select", "pselect6", "pipe2", "eventfd2",
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
	"timerfd_create", "timerfd_settime", "shutdown", "memfd_create", NULL};

static const char *const transfer[] = {
	"sendto", "recvfrom", "sendmmsg", "recvmmsg", "getsockopt", NULL};

static const char *const network[] = {
	"socket", "socketpair", "bind", "connect", "accept", "accept4", "listen", "sendto",
	"recvfrom", "sendmmsg", "recvmmsg", "setsockopt", "getsockopt", "getsockname",
	"getpeername", "pipe", "eventfd", "epoll_create", NULL};

static const char *const sanitizer[] = {
	"kill", "mincore", "getppid", "setrlimit", "sched_getparam", "sched_getscheduler",
	"pipe", "pipe2", NULL};
/* Libraries try these and do without: libuv from 1.45 on asks every loop for io_uring, whose calls a
 * filter could not see. The kernel's answer is that it does not have them. */
static const char *const absent[] = {"io_uring_setup", NULL};
/* clang-format on */

static const char *const *const groups_names[SYSCALLS_COUNT] = {
	[SYSCALLS_PROCESS] = process,   [SYSCALLS_FILES] = files,
	[SYSCALLS_STORE] = store,       [SYSCALLS_MESSAGES] = messages,
	[SYSCALLS_NETWORK] = network,   [SYSCALLS_SANITIZER] = sanitizer,
	[SYSCALLS_TRANSFER] = transfer,
};

DEFINE_CLEANUP(filter, scmp_filter_ctx, seccomp_release);

static int add(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	for (; *names; names++) {
		int number = seccomp_syscall_resolve_name(*names);
		if (number == __NR_SCMP_ERROR)
			continue;
		int code = seccomp_rule_add(filter, action, number, 0);
		/* a call of another architecture cannot be expressed here, and cannot be made */
		if (code < 0 && code != -EDOM && code != -EINVAL)
			return code;
	}
	return OK;
}

/* Searching for leaks takes a second process that traces this one: not from within the sandbox. The
 * sanitizer asks this when a process ends; the parent, which is not restricted, is searched. */
static bool is_restricted;

int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return is_restricted;
}

int syscalls_restrict(unsigned groups)
{
	cleanup(filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return -ENOMEM;
	if (UNDER_SANITIZER)
		groups |= 1U << SYSCALLS_SANITIZER;
	for (unsigned i = 0; i < SYSCALLS_COUNT; i++) {
		int code = groups >> i & 1 ? add(filter, SCMP_ACT_ALLOW, groups_names[i]) : OK;
		if (code < 0)
			return code;
	}
	int code = add(filter, SCMP_ACT_ERRNO(ENOSYS), absent);
	if (code < 0)
		return code;
	is_restricted = true;
	return seccomp_load(filter);
}
