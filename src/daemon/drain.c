#include "daemon/drain.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/timestamp.h"

enum { GATHER_MS = 10 };

int drain_open(struct drain *d, size_t workers, size_t queue_size)
{
	*d = DRAIN_NONE;
	d->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int code = d->wake_fd < 0 || d->stop_fd < 0 ? -errno : OK;
	d->queues = calloc(workers, sizeof(*d->queues));
	if (code == OK && !d->queues)
		code = -ENOMEM;
	for (; code == OK && d->count < workers; d->count++)
		code = tap_queue_new(queue_size, d->wake_fd, &d->queues[d->count]);
	if (code < 0)
		drain_close(d);
	return code;
}

void drain_close(struct drain *d)
{
	for (size_t i = 0; d->queues && i < d->count; i++)
		tap_queue_free(d->queues[i]);
	free(d->queues);
	cleanup_fd(&d->wake_fd);
	cleanup_fd(&d->stop_fd);
	*d = DRAIN_NONE;
}

const struct tap_record *drain_peek(struct drain *d)
{
	const struct tap_record *record = NULL;
	for (size_t tried = 0; tried < d->count; tried++) {
		record = tap_queue_peek(d->queues[d->at]);
		if (record)
			break;
		d->at = (d->at + 1) % d->count;
	}
	return record;
}

void drain_release(struct drain *d)
{
	tap_queue_release(d->queues[d->at]);
}

uint64_t drain_take_drops(struct drain *d)
{
	uint64_t drops = 0;
	for (size_t i = 0; i < d->count; i++)
		drops += tap_queue_take_drops(d->queues[i]);
	return drops;
}

static void clear(int fd)
{
	uint64_t count;
	ssize_t got = read(fd, &count, sizeof(count));
	(void)got; /* nothing to read is fine */
}

/* Each queue is armed, also when another has something already. */
static bool arm(struct drain *d)
{
	bool is_empty = true;
	clear(d->wake_fd);
	for (size_t i = 0; i < d->count; i++)
		is_empty = tap_queue_arm(d->queues[i]) && is_empty;
	return is_empty;
}

void drain_wait(struct drain *d, int fd)
{
	struct pollfd fds[] = {{.fd = d->stop_fd, .events = POLLIN},
	                       {.fd = fd, .events = POLLIN},
	                       {.fd = d->wake_fd, .events = POLLIN}};
	if (drain_is_stopping(d) || !arm(d))
		return;
	(void)poll(fds, 3, -1);
	/* one turn serves all that come within a few milliseconds */
	if (fds[2].revents)
		(void)poll(fds, 2, GATHER_MS);
}

void drain_pause(struct drain *d, int64_t time_us)
{
	struct wait_limit limit = {d->stop_fd, clock_monotonic_us() + time_us};
	clear(d->wake_fd);
	if (!drain_is_stopping(d))
		(void)!wait_for(d->wake_fd, POLLIN, &limit);
}

static void signal_fd(int fd)
{
	uint64_t one = 1;
	ssize_t done = write(fd, &one, sizeof(one));
	(void)done; /* full: it is readable already */
}

void drain_nudge(struct drain *d)
{
	signal_fd(d->wake_fd);
}

void drain_stop(struct drain *d)
{
	d->is_stopping = true;
	signal_fd(d->stop_fd);
}
