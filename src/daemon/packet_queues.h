/* packet_queues.h - how full the kernel's queues of packets are, by /proc/net/netfilter/nfnetlink_queue. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct packet_queue {
	uint32_t number;
	uint32_t waiting;       /* for a verdict */
	uint32_t dropped;       /* the queue was full */
	uint32_t not_delivered; /* the socket's buffer was full */
};

/* The next line of the file's text that is of a queue, out of `rest`; false at the end. Pure. */
bool packet_queue_next(struct view *rest, struct packet_queue *ret);
