/* backoff.h - how long to wait before a role that ended is started again.
 *
 * What:    pure. The first restart is immediate, since a single crash must not leave a gap; then the
 *          wait doubles from BACKOFF_FIRST_US up to BACKOFF_MAX_US. A role that ran for
 *          BACKOFF_HEALTHY_US starts over. */
#pragma once

#include <stdint.h>

#define BACKOFF_FIRST_US   INT64_C(100000)
#define BACKOFF_MAX_US     INT64_C(30000000)
#define BACKOFF_HEALTHY_US INT64_C(60000000)

struct backoff {
	unsigned failures; /* in a row */
};

/* Returns the wait before the next start of a role that ran for `ran_us`. */
int64_t backoff_next(struct backoff *b, int64_t ran_us);
