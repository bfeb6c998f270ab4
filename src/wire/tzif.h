/* tzif.h - reads a time zone: when its clocks change, and by how much they are off UTC.
 *
 * What:    a pure function over one file of the system's zone database. After the last change that the file
 *          writes out, the rule at its end (a POSIX TZ text) makes the others.
 * Fails:   ERR_TRUNCATED; ERR_MALFORMED, also for a file of version 1, which has no rule; ERR_LIMIT when
 *          there are more changes than room.
 * Source:  RFC 9636 s3 (TZif), s3.3.2 (the text), POSIX.1-2024 s8.3 (TZ). Leap seconds are not counted. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct tzif_change {
	int64_t at_s;     /* since 1970; INT64_MIN in the first row */
	int32_t offset_s; /* from then on local time is UTC and so much */
};

/* Writes what holds at `from_s`, then every change after it and before `until_s`, in order. Returns how many
 * rows. */
int tzif_read(struct view file, int64_t from_s, int64_t until_s, struct tzif_change *ret,
              size_t max) must_check;
