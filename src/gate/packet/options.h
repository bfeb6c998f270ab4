/* options.h - the packet gate's part of the configuration file. */
#pragma once

#include <stdint.h>

#include "config/schema.h"

/* packet_mode_names[] in the same order. */
enum packet_mode {
	PACKET_OFF,
	PACKET_ROUTED, /* what is forwarded through this machine, routed or between ports of a bridge */
	PACKET_HOST,    /* what this machine itself sends */
	PACKET_PASSIVE, /* a copy of packets on an interface: nothing is done to any */
};
extern const char *const packet_mode_names[];

/* What happens to packets when the role is down, the queue is full, or a flow exceeds a limit.
 * packet_failure_names[] in the same order. */
enum packet_failure { PACKET_FAIL_OPEN, PACKET_FAIL_CLOSED };
extern const char *const packet_failure_names[];

struct packet_limit_options {
	int64_t flows, held_size, hello_size, packets, judge_us, idle_us, readings;
};

struct packet_places_options {
	const char *country, *network; /* databases (MMDB), or NULL */
};

struct packet_options {
	int mode;                      /* enum packet_mode */
	int failure;                   /* enum packet_failure */
	struct schema_list interfaces; /* of names; none: all. Passive: to listen on */
	int64_t queues;                /* 0: as many as processors */
	int64_t first_queue, queue_length;
	int64_t mark; /* mask of four bits beside each other */
	bool accounting;
	struct packet_limit_options limits;
	struct packet_places_options places;
	struct config_place place;
};

extern const struct schema packet_options_schema;
