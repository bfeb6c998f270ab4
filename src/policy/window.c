#include "policy/window.h"

#include "base/timestamp.h"
#include "policy/vocabulary.h"

enum { DAY_S = 86400, THURSDAY = 3 /* 1970-01-01 */ };

static int64_t floor_of(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static int32_t offset_at(const struct image_clock *clocks, uint32_t count, int64_t at_s)
{
	uint32_t low = 0; /* the first row is from the beginning on */
	while (count - low > 1) {
		uint32_t middle = low + (count - low) / 2;
		if (clocks[middle].at_s <= at_s)
			low = middle;
		else
			count = middle;
	}
	return clocks[low].offset_s;
}

static bool has_day(const struct image_window *w, int64_t day)
{
	int64_t weekday = (day + THURSDAY) % WEEK_DAYS;
	return w->days >> (weekday < 0 ? weekday + WEEK_DAYS : weekday) & 1;
}

static bool is_open(const struct policy *p, const struct image_window *w, int64_t at_s)
{
	int64_t local_s = at_s + offset_at(&p->clocks[w->clocks_first], w->clocks_count, at_s);
	int64_t day = floor_of(local_s, DAY_S), time_s = local_s - day * DAY_S;
	if (w->from_s < w->until_s)
		return has_day(w, day) && time_s >= w->from_s && time_s < w->until_s;
	return (has_day(w, day) && time_s >= w->from_s) ||
	       (has_day(w, day - 1) && time_s < w->until_s);
}

bool window_is_open(const struct policy *p, uint32_t first, uint32_t count, int64_t at_us)
{
	int64_t at_s = floor_of(at_us, SECOND_US);
	for (uint32_t i = 0; i < count; i++) {
		if (is_open(p, &p->windows[first + i], at_s))
			return true;
	}
	return count == 0;
}
