/* clock.h - the two clocks. Only layers 4 and up call it; below, `now` comes in as an argument. */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t clock_read_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline int64_t clock_read_us(clockid_t id)
{
	return clock_read_ns(id) / 1000;
}

/* Wall clock: microseconds since 1970, may jump. */
static inline int64_t clock_now_us(void)
{
	return clock_read_us(CLOCK_REALTIME);
}

/* Never jumps; for intervals only. */
static inline int64_t clock_monotonic_us(void)
{
	return clock_read_us(CLOCK_MONOTONIC);
}

/* The same, for what takes less than a microsecond. */
static inline int64_t clock_monotonic_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}
