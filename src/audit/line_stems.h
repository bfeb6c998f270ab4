/* line_stems.h - of the ends of a chunk those before which a name of very many may stand (policy/name_stems.h).
 *
 * What:    as line_sift.h, for sets that no near cache holds: their words are called for some ends ahead.
 * Limits:  LINE_ENDS_MAX ends (line_ends.h), with room for a few more behind them; a set without names of one label.
 * Threads: any. */
#pragma once

#include "base/view.h"
#include "policy/name_stems.h"

struct line_stems {
	const struct name_stems *set;
	struct view run;
	size_t chunk;  /* where the chunk begins in it, which `ends` count from */
	bool has_dots; /* a dot behind a name is expected; otherwise it is left to a second look */
};

/* Whether a name of two short labels may end there, before a dot if there is one; `begin`: what may be read before it. */
bool line_stems_has_short(const struct name_stems *set, const uint8_t *begin, const uint8_t *end);

/* Moves those that are left to the front and returns how many; *ret_sure: how many of them end with a dot that was not
 * expected. For processors that have line_sift_has_wide(). */
uint32_t line_stems_wide(const struct line_stems *s, uint32_t *ends, uint32_t count,
                         uint32_t *ret_sure);
