#include "gate/dns/histogram.h"

const int64_t histogram_bounds_us[HISTOGRAM_BOUNDS] = {
	500,    1000,   2000,   5000,    10000,   20000,   50000,
	100000, 200000, 500000, 1000000, 2000000, 5000000,
};

/* One writer: no need for a locked instruction. */
static void add(_Atomic uint64_t *at, uint64_t by)
{
	uint64_t old = atomic_load_explicit(at, memory_order_relaxed);
	atomic_store_explicit(at, old + by, memory_order_relaxed);
}

void histogram_add(struct histogram *h, int64_t took_us)
{
	unsigned i = 0;
	while (i < HISTOGRAM_BOUNDS && took_us > histogram_bounds_us[i])
		i++;
	add(&h->counts[i], 1);
	add(&h->sum_us, took_us > 0 ? (uint64_t)took_us : 0);
}

void histogram_sum(struct histogram *to, const struct histogram *from)
{
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
		add(&to->counts[i], atomic_load_explicit(&from->counts[i], memory_order_relaxed));
	add(&to->sum_us, atomic_load_explicit(&from->sum_us, memory_order_relaxed));
}
