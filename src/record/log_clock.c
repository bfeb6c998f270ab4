#include "record/log_clock.h"

enum { SLOWNESS = 2 };

struct log_clock log_clock_begin(int64_t after_us, int64_t wall_us, int64_t steady_us)
{
	return (struct log_clock){wall_us > after_us ? wall_us : after_us, steady_us};
}

int64_t log_clock_move(struct log_clock *t, int64_t wall_us, int64_t steady_us)
{
	int64_t slow_us = t->now_us + (steady_us - t->steady_us) / SLOWNESS;
	t->now_us = wall_us > slow_us ? wall_us : slow_us;
	t->steady_us = steady_us;
	return t->now_us;
}
