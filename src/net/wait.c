#include "net/wait.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"

static int timeout_ms(const struct wait_limit *limit)
{
	if (limit->until_us == 0)
		return -1;
	int64_t left_us = limit->until_us - clock_monotonic_us();
	return left_us > 0 ? (int)(left_us / 1000 + 1) : 0;
}

int wait_for(int fd, short events, const struct wait_limit *limit)
{
	struct pollfd fds[] = {{.fd = fd, .events = events},
	                       {.fd = limit->stop_fd, .events = POLLIN}};
	int ready;
	do
		ready = poll(fds, 2, timeout_ms(limit));
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -errno;
	if (fds[1].revents)
		return -ECANCELED;
	return fds[0].revents ? OK : -ETIMEDOUT;
}
