/* histogram.h - how large something was: counts by upper bounds, in memory that processes share.
 *
 * The bounds are the user's, ascending, the same for every call. Threads: one writer; anybody may read at any
 * time. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 13 };

struct histogram {
	_Atomic uint64_t counts[HISTOGRAM_BOUNDS + 1]; /* each up to its bound, the last over all */
	_Atomic uint64_t sum;
};

void histogram_add(struct histogram *h, const int64_t bounds[static HISTOGRAM_BOUNDS],
                   int64_t value);
/* Adds the counts of `from` to `to`, which only the caller sees. */
void histogram_sum(struct histogram *to, const struct histogram *from);
