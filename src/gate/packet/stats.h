/* stats.h - what the packet gate counts, in memory that it shares with the parent.
 *
 * What:    one row a counter: packet_counters[] names and explains it, and whoever shows counters walks it.
 * Threads: one writer a counter: its worker; anybody may read at any time.
 * To add a counter: one constant here, one row in stats.c. */
#pragma once

#include "base/counter.h"
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

extern const struct counter_row packet_counters[PACKET_COUNTERS];
extern const int64_t packet_time_bounds_ns[HISTOGRAM_BOUNDS];

struct packet_stats {
	counter counts[PACKET_COUNTERS];
	counter why[FLOW_WHYS]; /* packets by what they met */
	struct histogram time;  /* of a packet, by packet_time_bounds_ns[] */
	struct tally tally;
} __attribute__((aligned(64)));

static inline void packet_count_by(struct packet_stats *s, enum packet_counter which, uint64_t by)
{
	counter_add(&s->counts[which], (int64_t)by);
}

static inline void packet_count(struct packet_stats *s, enum packet_counter which)
{
	counter_add(&s->counts[which], 1);
}

static inline void packet_count_set(struct packet_stats *s, enum packet_counter which,
                                    uint64_t value)
{
	counter_set(&s->counts[which], value);
}

static inline void packet_count_why(struct packet_stats *s, enum flow_why why)
{
	counter_add(&s->why[why], 1);
}

static inline uint64_t packet_counted(const struct packet_stats *s, enum packet_counter which)
{
	return counter_get(&s->counts[which]);
}
