#include "daemon/backoff.h"

int64_t backoff_next(struct backoff *b, int64_t ran_us)
{
	if (ran_us >= BACKOFF_HEALTHY_US)
		b->failures = 0;
	unsigned failures = b->failures;
	if (b->failures < UINT32_MAX)
		b->failures++;
	if (failures == 0)
		return 0;
	int64_t wait = BACKOFF_FIRST_US;
	for (unsigned i = 1; i < failures && wait < BACKOFF_MAX_US; i++)
		wait *= 2;
	return wait < BACKOFF_MAX_US ? wait : BACKOFF_MAX_US;
}
