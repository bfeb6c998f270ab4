/* drain.h - the reading end of all workers' queues of told queries, for one thread that writes them down.
 *
 * Owns:    the queues and the descriptors by which the thread is woken and told to stop.
 * Threads: the drain's own; drain_stop() and drain_nudge() from any. */
#pragma once

#include "gate/dns/tap_queue.h"
#include "net/wait.h"

struct drain {
	struct tap_queue **queues; /* one a worker */
	size_t count;
	size_t at;            /* whose turn it is */
	int wake_fd, stop_fd; /* stop_fd stays readable once it was told */
	_Atomic bool is_stopping;
};

#define DRAIN_NONE ((struct drain){.wake_fd = -1, .stop_fd = -1})

/* -ENOMEM, -errno. */
int drain_open(struct drain *d, size_t workers, size_t queue_size) must_check;
void drain_close(struct drain *d);

/* The next record of any queue, NULL when there is none; valid until drain_release(). */
const struct tap_record *drain_peek(struct drain *d);
void drain_release(struct drain *d);
/* Records that found no room since the last call. */
uint64_t drain_take_drops(struct drain *d);

/* Waits until there are records, and gathers a few; or until `fd` (-1: none) is readable. */
void drain_wait(struct drain *d, int fd);
/* Waits so long, or for a nudge. */
void drain_pause(struct drain *d, int64_t time_us);

void drain_nudge(struct drain *d);
/* The workers tell no more: what is there is the rest. */
void drain_stop(struct drain *d);
static inline bool drain_is_stopping(const struct drain *d)
{
	return d->is_stopping;
}
