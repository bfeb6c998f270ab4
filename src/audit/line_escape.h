/* line_escape.h - names behind escapes: what stands around a place, undone, and asked for exactly.
 *
 * What:    pure but for the filter's policy. %2e, \u002e and \/ become what they stand for; in brackets
 *          ((4)chat(7)example(0)) the lengths are dots.
 * Source:  RFC 3986 s2.1, RFC 8259 s7, UTS #46 (full stops of other scripts). */
#pragma once

#include "audit/line_filter.h"

/* What may stand in a host name. */
static inline bool line_escape_is_host(uint8_t c)
{
	uint8_t letter = c | 0x20;
	return (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'z') || c == '-' || c == '.' ||
	       c == '_' || c >= 128;
}

/* Whether a listed name stands at `at` in `run`, which is inside a line. */
bool line_escape_has_name(const struct line_filter *f, struct view run, size_t at, bool is_counted);
/* Undoes %XX (with `percent`) and backslash escapes (with `backslash`) of `text` into `room`; cuts what does not
 * fit. Returns the size. */
size_t line_escape_undo(struct view text, bool percent, bool backslash, uint8_t *room,
                        size_t room_size);
