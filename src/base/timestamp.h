/* timestamp.h - instants as microseconds since 1970-01-01T00:00:00Z, and their text form.
 *
 * Source: RFC 3339 (profile of ISO 8601), UTC only on output. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US    (86400 * SECOND_US)

/* "no bound" at either end of an interval */
#define TIME_MIN INT64_MIN
#define TIME_MAX INT64_MAX

enum { TIMESTAMP_TEXT_SIZE = 32 };

/* Accepts a date (`2026-01-15`: midnight UTC) or a date and time with `Z` or an offset
 * (`2026-01-15T08:00:00+08:00`, fraction of up to six digits). Years 1900 to 9999.
 * ERR_MALFORMED otherwise. */
int timestamp_parse(struct view text, int64_t *ret_us) must_check;
/* Writes `2026-01-15T00:00:00Z`, with six digits of fraction unless it is zero; TIME_MIN and
 * TIME_MAX as `-`. Returns `text`. */
const char *timestamp_print(int64_t at_us, char text[static TIMESTAMP_TEXT_SIZE]);
/* The same, only `2026-01-15`. */
const char *timestamp_print_date(int64_t at_us, char text[static TIMESTAMP_TEXT_SIZE]);
/* Days from 1970-01-01 to that date of the Gregorian calendar. */
int64_t timestamp_days(int64_t year, int month, int day);
