/* fetch_plan.h - when a server is asked again for a list.
 *
 * What:    pure. After success in `refresh`, give or take a tenth: machines that were started together do
 *          not ask together. After failures FETCH_FIRST_US, doubling up to FETCH_MAX_US or `refresh`
 *          whichever is less, give or take half. A clock that was set back does not delay: a time of
 *          asking that lies ahead is no reason to wait. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define FETCH_FIRST_US INT64_C(5000000)
#define FETCH_MAX_US   (INT64_C(6) * 3600 * 1000000)

struct fetch_past {
	int64_t tried_us; /* TIME_MIN: never */
	int64_t failures; /* in a row */
	bool has_copy;    /* one that may be in force */
	bool is_pinned;   /* then a copy stays for good */
};

/* `random` is any number. TIME_MAX: no need to ask. */
int64_t fetch_due(const struct fetch_past *past, int64_t refresh_us, int64_t now_us,
                  uint32_t random);
