/* resources.h - what outlives a role: its sockets, the rings and the pages of counters.
 *
 * They are opened once, by the parent, and given to each new process of a role: so queries wait while it
 * restarts, and events that it left in a ring are not lost.
 * Owns:    resources_done() closes all. */
#pragma once

#include "daemon/exit_status.h"
#include "daemon/memory.h"
#include "daemon/options.h"
#include "daemon/record_stats.h"
#include "gate/dns/stats.h"
#include "gate/dns/transport.h"
#include "gate/packet/stats.h"
#include "record/ring.h"

struct resources {
	unsigned workers;
	size_t listen_count; /* of each worker */
	int *listeners;      /* by dns_listen_at(), then worker: resources_listener() */
	struct ring *rings;
	uint32_t ring_events;
	struct memory dns_stats, record_stats;
	unsigned packet_workers; /* 0: there is no packet gate, nor what follows */
	struct ring *packet_rings;
	struct memory packet_stats;
	struct memory learned; /* names that the DNS gate gives out, for the packet gate */
	int metrics_listener;  /* -1: none */
};

struct resources resources_none(void);

/* On failure logs one sentence and returns the exit status. */
enum exit_status resources_open(const struct writ_options *o, struct resources *ret);
void resources_done(struct resources *r);

int resources_listener(const struct resources *r, size_t index, unsigned worker);
