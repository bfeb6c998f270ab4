/* histogram.h - how long something took: counts by upper bounds, in memory shared with the parent.
 *
 * Threads: one writer; anybody may read at any time. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 13 };
extern const int64_t histogram_bounds_us[HISTOGRAM_BOUNDS]; /* ascending */

struct histogram {
	_Atomic uint64_t counts[HISTOGRAM_BOUNDS + 1]; /* each up to its bound, the last over all */
	_Atomic uint64_t sum_us;
};

void histogram_add(struct histogram *h, int64_t took_us);
/* Adds the counts of `from` to `to`, which only the caller sees. */
void histogram_sum(struct histogram *to, const struct histogram *from);
