/* stats.h - what the packet gate counts, in memory that it shares with the parent.
 *
 * What:    one row a counter: packet_counters[] names and explains it, and whoever shows counters walks it.
 * Threads: one writer a counter: its worker; anybody may read at any time.
 * To add a counter: one constant here, one row in stats.c. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "flow/flow.h"
#include "record/tally.h"

enum packet_counter {
	PACKET_PACKETS,
	PACKET_BATCHES,
	PACKET_JUDGED,
	PACKET_BLOCKED,
	PACKET_OBSERVED,
	PACKET_RESETS,
	PACKET_PAGES,
	PACKET_DNS_ANSWERS,
	PACKET_EVENTS,
	PACKET_EVENTS_LOST,
	PACKET_WATCHED_LOST,
	PACKET_QUEUE_WAITING,
	PACKET_QUEUE_DROPPED,
	PACKET_QUEUE_LOST,
	PACKET_SEND_FAILED,
	PACKET_ENDS_LOST,
	PACKET_FLOWS_OPEN,
	PACKET_BYTES_HELD,
	PACKET_COUNTERS
};

struct packet_counter_row {
	const char *name;
	bool is_gauge; /* goes down too */
	const char *help;
};
extern const struct packet_counter_row packet_counters[PACKET_COUNTERS];
extern const int64_t packet_time_bounds_ns[HISTOGRAM_BOUNDS];

struct packet_stats {
	_Atomic uint64_t counts[PACKET_COUNTERS];
	_Atomic uint64_t why[FLOW_WHYS]; /* packets by what they met */
	struct histogram time;           /* of a packet, by packet_time_bounds_ns[] */
	struct tally tally;
} __attribute__((aligned(64)));

static inline void packet_count_by(struct packet_stats *s, enum packet_counter which, uint64_t by)
{
	/* one writer: no need for a locked instruction */
	uint64_t old = atomic_load_explicit(&s->counts[which], memory_order_relaxed);
	atomic_store_explicit(&s->counts[which], old + by, memory_order_relaxed);
}

static inline void packet_count(struct packet_stats *s, enum packet_counter which)
{
	packet_count_by(s, which, 1);
}

static inline void packet_count_set(struct packet_stats *s, enum packet_counter which,
                                    uint64_t value)
{
	atomic_store_explicit(&s->counts[which], value, memory_order_relaxed);
}

static inline void packet_count_why(struct packet_stats *s, enum flow_why why)
{
	uint64_t old = atomic_load_explicit(&s->why[why], memory_order_relaxed);
	atomic_store_explicit(&s->why[why], old + 1, memory_order_relaxed);
}

static inline uint64_t packet_counted(const struct packet_stats *s, enum packet_counter which)
{
	return atomic_load_explicit(&s->counts[which], memory_order_relaxed);
}
