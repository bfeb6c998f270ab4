/* record_stats.h - what the record role counts, in memory that it shares with the parent.
 *
 * One row a counter: whoever shows them walks record_counters[].
 * To add one: a constant here, a row in record_stats.c. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/counter.h"

enum record_counter {
	RECORD_ENTRIES,
	RECORD_CHECKPOINT_ENTRIES,
	RECORD_CHECKPOINT_AT,
	RECORD_EVENTS,
	RECORD_EVENTS_WRITTEN,
	RECORD_LOST,
	RECORD_REFUSED,
	RECORD_WAITING,
	RECORD_WRITE_ERRORS,
	RECORD_INDEX_ERRORS,
	RECORD_WRITING_FAILS,
	RECORD_BYTES,
	RECORD_COUNTERS
};

extern const struct counter_row record_counters[RECORD_COUNTERS];

struct record_stats {
	_Atomic int64_t counts[RECORD_COUNTERS];
};

static inline void record_count(struct record_stats *s, enum record_counter which, int64_t by)
{
	atomic_fetch_add_explicit(&s->counts[which], by, memory_order_relaxed);
}

static inline void record_set(struct record_stats *s, enum record_counter which, int64_t value)
{
	atomic_store_explicit(&s->counts[which], value, memory_order_relaxed);
}

static inline int64_t record_counted(const struct record_stats *s, enum record_counter which)
{
	return atomic_load_explicit(&s->counts[which], memory_order_relaxed);
}
