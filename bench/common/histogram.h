/* histogram.h - many durations in little memory: 64 steps an octave, so 1.6 % of error at most. */
#pragma once

#include <stdint.h>

enum { HISTOGRAM_STEPS = 64, HISTOGRAM_OCTAVES = 58 };

struct histogram {
	uint64_t counts[HISTOGRAM_OCTAVES * HISTOGRAM_STEPS];
	uint64_t count;
	int64_t max_ns;
};

void histogram_add(struct histogram *h, int64_t ns);
/* The duration in microseconds that `share` (0 to 1) of them do not exceed; 0 without any. */
double histogram_us(const struct histogram *h, double share);
