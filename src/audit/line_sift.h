/* line_sift.h - of the ends of a chunk those before which a text of a set may stand (line_tails.h).
 *
 * What:    each end costs the same few instructions, whether something stands there or not; the few that are left are
 *          looked at a second time. What ends with more dots than one is always left.
 * Limits:  LINE_ENDS_MAX ends (line_ends.h), with room for a few more behind them.
 * Threads: any. */
#pragma once

#include "audit/line_tails.h"
#include "base/view.h"

struct line_sift {
	const struct line_tails *tails;
	struct view run;
	size_t chunk;  /* where the chunk begins in it, which `ends` count from */
	bool has_dots; /* a dot behind a text is expected; otherwise it costs a second look */
};

/* Moves those that are left to the front and returns how many. *ret_seconds: how many were looked at twice. */
typedef uint32_t line_sift_function(const struct line_sift *s, uint32_t *ends, uint32_t count,
                                    uint32_t *ret_seconds);

line_sift_function line_sift;
/* For processors that have what line_ends_has_avx2() asks for. */
line_sift_function line_sift_fast;
/* And those that have line_sift_has_wide(). */
line_sift_function line_sift_wide;
bool line_sift_has_wide(void);
