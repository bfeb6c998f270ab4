#include "daemon/fetch_plan.h"

#include "base/timestamp.h"

/* `us` plus or minus its part of `percent`. */
static int64_t spread(int64_t us, int64_t percent, uint32_t random)
{
	int64_t part = us / 100 * percent;
	return us - part + (int64_t)((double)part * 2 * (random / (double)UINT32_MAX));
}

static int64_t wait_after(int64_t failures, int64_t refresh_us)
{
	int64_t limit = refresh_us < FETCH_MAX_US ? refresh_us : FETCH_MAX_US;
	int64_t wait = FETCH_FIRST_US;
	for (int64_t i = 1; i < failures && wait < limit; i++)
		wait *= 2;
	return wait < limit ? wait : limit;
}

int64_t fetch_due(const struct fetch_past *past, int64_t refresh_us, int64_t now_us,
                  uint32_t random)
{
	if (past->has_copy && past->is_pinned)
		return TIME_MAX;
	if (past->tried_us == TIME_MIN || past->tried_us > now_us)
		return now_us;
	if (past->failures)
		return past->tried_us + spread(wait_after(past->failures, refresh_us), 50, random);
	return past->tried_us + spread(refresh_us, 10, random);
}
