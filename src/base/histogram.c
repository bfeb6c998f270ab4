#include "base/histogram.h"

/* One writer: no need for a locked instruction. */
static void add(_Atomic uint64_t *at, uint64_t by)
{
	uint64_t old = atomic_load_explicit(at, memory_order_relaxed);
	atomic_store_explicit(at, old + by, memory_order_relaxed);
}

void histogram_add(struct histogram *h, const int64_t bounds[static HISTOGRAM_BOUNDS],
                   int64_t value)
{
	unsigned i = 0;
	while (i < HISTOGRAM_BOUNDS && value > bounds[i])
		i++;
	add(&h->counts[i], 1);
	add(&h->sum, value > 0 ? (uint64_t)value : 0);
}

void histogram_sum(struct histogram *to, const struct histogram *from)
{
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
		add(&to->counts[i], atomic_load_explicit(&from->counts[i], memory_order_relaxed));
	add(&to->sum, atomic_load_explicit(&from->sum, memory_order_relaxed));
}
