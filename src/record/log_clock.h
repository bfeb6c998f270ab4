/* log_clock.h - the time that entries bear: the wall clock's, but it never runs back.
 *
 * What:    pure. While the clock is behind the newest entry (it was set back, or was wrong before) time goes on
 *          at half its speed until the clock has caught up. So whoever waits for a time of the log, as a
 *          heartbeat, waits twice as long at the most, and not until the clock is there again.
 * Why:     a log whose times run back does not verify: see verify.h. */
#pragma once

#include <stdint.h>

struct log_clock {
	int64_t now_us;
	int64_t steady_us; /* when it was that */
};

/* `after_us`: of the newest entry; TIME_MIN when there is none. */
struct log_clock log_clock_begin(int64_t after_us, int64_t wall_us, int64_t steady_us);
/* Returns t->now_us, moved on. */
int64_t log_clock_move(struct log_clock *t, int64_t wall_us, int64_t steady_us);
