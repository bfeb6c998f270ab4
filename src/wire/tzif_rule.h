/* tzif_rule.h - the rule at the end of a time zone's file: `CET-1CEST,M3.5.0,M10.5.0/3`.
 *
 * Source: POSIX.1-2024 s8.3 (TZ), RFC 9636 s3.3.2 (hours from -167 to 167). Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

/* A day of the year and a time on it, by the clock that holds until then. */
struct tzif_day {
	enum { TZIF_DAY_JULIAN, TZIF_DAY_ZERO, TZIF_DAY_MONTH } form;
	int month, week, day; /* `day` alone but for TZIF_DAY_MONTH: 0 is Sunday, week 5 the last */
	int32_t time_s;
};

struct tzif_rule {
	int32_t standard_s, summer_s; /* off UTC */
	bool has_summer;
	struct tzif_day start, end; /* of summer */
};

/* ERR_MALFORMED. */
int tzif_rule_parse(struct view text, struct tzif_rule *ret) must_check;
/* The instant in that year at which local time, `offset_s` off UTC, is that day and time. */
int64_t tzif_day_at(const struct tzif_day *d, int64_t year, int32_t offset_s);
