/* Loaded before the C library: while the file KILL_WHILE is there, the process ends as by kill -9 before its n-th call that
 * changes something on a disk for good. n is the size of the file KILL_AT, which goes with that: only one process dies. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void step(void)
{
	static long count;
	const char *during = getenv("KILL_WHILE"), *at = getenv("KILL_AT");
	struct stat s;
	if (!during || !at || access(during, F_OK) < 0 || stat(at, &s) < 0 || ++count < s.st_size)
		return;
	syscall(SYS_unlinkat, -100, at, 0);
	syscall(SYS_kill, getpid(), SIGKILL);
}

#define STEP(type, name, parameters, arguments)                    \
	type name parameters                                       \
	{                                                          \
		static type(*next) parameters;                     \
		if (!next)                                         \
			*(void **)&next = dlsym(RTLD_NEXT, #name); \
		step();                                            \
		return next arguments;                             \
	}

STEP(int, fsync, (int fd), (fd))
STEP(int, fdatasync, (int fd), (fd))
STEP(int, ftruncate, (int fd, off_t size), (fd, size))
STEP(int, ftruncate64, (int fd, off64_t size), (fd, size))
STEP(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at))
STEP(ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at))
STEP(int, rename, (const char *from, const char *to), (from, to))
STEP(int, unlink, (const char *path), (path))
