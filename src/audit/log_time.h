/* log_time.h - when, as logs write it.
 *
 * What:    seconds, milli-, micro- or nanoseconds since 1970; RFC 3339 and its looser forms; 15/Jan/2026:10:00:00
 *          +0100, 15-Jan-2026 10:00:00.123, Jan 15 2026 10:00:00, Thu Jan 15 10:00:00 2026, 1/15/2026 10:00:00 AM
 *          (or as Windows says AM in Chinese, Korean and Japanese: 2026/1/15, that, 10:00:00),
 *          15.01.2026 10:00:00, 20260115 10:00:00. Of 1/2/2026 the month is first unless it cannot be, of 1.2.2026 the
 *          day. Without a zone it is UTC.
 * Fails:   ERR_MALFORMED; so does a time without its year, as BSD's syslog has it: it does not say when. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

/* What a time is put together from. */
struct log_when {
	int64_t year, fraction_us, offset_s; /* offset_s: seconds east of UTC */
	int month, day, hour, minute, second;
};

int log_time_parse(struct view text, int64_t *ret_us) must_check;
/* The same, where times without a zone are so many seconds east of UTC. */
int log_time_parse_at(struct view text, int64_t offset_s, int64_t *ret_us) must_check;
/* 1 to 12, by the first three letters of its English name; 0 when it is none. */
int log_month_of(struct view word);
/* +01:00, +0100, -05; Z, UTC or GMT. */
int log_zone_parse(struct view text, int64_t *ret_offset_s) must_check;

/* By a format as strftime(3) has it; "seconds", "milliseconds", "microseconds" or "nanoseconds" since 1970. */
int log_time_parse_by(const char *format, struct view text, int64_t offset_s,
                      int64_t *ret_us) must_check;
/* Whether there is such a format, and it says a whole time. */
bool log_time_is_format(const char *format);

int log_when_time(const struct log_when *when, int64_t *ret_us) must_check;
