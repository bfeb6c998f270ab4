#include "histogram.h"

/* Octave 0 holds 0 to 63 ns one by one; octave e holds from 64 << (e - 1) in steps of 1 << (e - 1). */
void histogram_add(struct histogram *h, int64_t ns)
{
	uint64_t value = ns > 0 ? (uint64_t)ns : 0;
	unsigned octave = 0;
	if (value >= HISTOGRAM_STEPS)
		octave = 63 - (unsigned)__builtin_clzll(value) - 5;
	uint64_t step = octave ? (value >> (octave - 1)) - HISTOGRAM_STEPS : value;
	h->counts[octave * HISTOGRAM_STEPS + step]++;
	h->count++;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

static uint64_t duration_at(unsigned row)
{
	unsigned octave = row / HISTOGRAM_STEPS;
	uint64_t step = row % HISTOGRAM_STEPS;
	return octave ? (HISTOGRAM_STEPS + step) << (octave - 1) : step;
}

double histogram_us(const struct histogram *h, double share)
{
	uint64_t wanted = (uint64_t)((double)h->count * share), seen = 0;
	if (h->count == 0)
		return 0;
	for (unsigned row = 0; row < HISTOGRAM_OCTAVES * HISTOGRAM_STEPS; row++) {
		seen += h->counts[row];
		if (seen > wanted)
			return (double)duration_at(row) / 1000;
	}
	return (double)h->max_ns / 1000;
}
