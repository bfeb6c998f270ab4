/* counter.h - counters that one process adds to and others read, in memory that they share.
 *
 * A counter has one writer (a worker has its own set), so that adding needs no locked instruction; who reads adds
 * up the sets. What each counter means stands in a table of rows beside its enum.
 * Threads: one writing, any number reading. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct counter_row {
	const char *name;
	bool is_gauge; /* goes down too */
	const char *help;
};

typedef _Atomic uint64_t counter;

static inline void counter_set(counter *c, uint64_t value)
{
	atomic_store_explicit(c, value, memory_order_relaxed);
}

static inline uint64_t counter_get(const counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

/* A gauge goes down by a negative `by`. */
static inline void counter_add(counter *c, int64_t by)
{
	counter_set(c, counter_get(c) + (uint64_t)by);
}
