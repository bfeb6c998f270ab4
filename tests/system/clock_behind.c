/* Loaded before the C library: the wall clock is CLOCK_BEHIND_S seconds behind. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *ret)
{
	long r = syscall(SYS_clock_gettime, id, ret);
	const char *behind = getenv("CLOCK_BEHIND_S");
	if (r == 0 && id == CLOCK_REALTIME && behind)
		ret->tv_sec -= atol(behind);
	return (int)r;
}
