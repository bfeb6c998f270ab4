/* collected_meet.h - a file that others collected, read to its end, and what of it the policy lists as findings.
 *
 * What:    the format is told by content. What is found names the machine that the collection names, and the path on it.
 *          The path of somebody's home is asked as one of any home.
 * Fails:   ERR_INVALID: no format that is known; -errno, -ENOMEM. A file that breaks its format half-way is no failure:
 *          the source in the findings says so.
 *          So it does of expressions that could not be used, or took too long.
 * Limits:  of collected.h; memory does not grow with the file. What was read is wiped. */
#pragma once

#include "finding/findings.h"
#include "scan/collected.h"
#include "scan/expression.h"

struct collected_settings {
	const struct policy *policy;
	struct findings *findings; /* one source is added */
	int64_t at_us;
	uint32_t place;
	/* of identifiers that are expressions; NULL: they are not compared */
	struct scan_expressions *expressions;
};

/* `name` is for people; `fd` is read from where it stands, as UTF-8, or UTF-16 with its mark. `ret_format` is NULL where none was recognised. */
int collected_read(const struct collected_settings *settings, const char *name, int fd,
                   const struct collected_format **ret_format) must_check;
/* Whether the policy lists one thing: it is a finding then. For tests, and for other sources of such things. */
int collected_meet(const struct collected_settings *settings, uint32_t source,
                   const struct collected_item *item) must_check;

enum { COLLECTED_PATH_SIZE = 1024 };
/* The path as identifiers have it: ~/x, %LOCALAPPDATA%\x. False when it is as it was. */
bool collected_home_path(struct view path, char ret[static COLLECTED_PATH_SIZE]);
