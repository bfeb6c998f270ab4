/* log_time.h - when, as logs write it.
 *
 * What:    seconds, milli-, micro- or nanoseconds since 1970; RFC 3339 and its looser forms; 15/Jan/2026:10:00:00
 *          +0100, 15-Jan-2026 10:00:00.123, Jan 15 2026 10:00:00, Thu Jan 15 10:00:00 2026, 1/15/2026 10:00:00 AM,
 *          20260115 10:00:00. Of 1/2/2026 the month is first unless it cannot be. Without a zone it is UTC.
 * Fails:   ERR_MALFORMED; so does a time without its year, as BSD's syslog has it: it does not say when. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

int log_time_parse(struct view text, int64_t *ret_us) must_check;
