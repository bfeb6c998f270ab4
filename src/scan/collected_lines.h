/* collected_lines.h - a collection of lines, one after another.
 *
 * What:    each line is given without the spaces at both of its ends. Of one that is too long the parts are given, of which
 *          each has the last bytes of the one before once more: COLLECTED_LINE_KEPT.
 * Owns:    nothing; the caller wipes what it has.
 * Fails:   what next() or on_line() returns when it is negative.
 * Limits:  COLLECTED_LINE_MAX. */
#pragma once

#include "scan/collected.h"

enum { COLLECTED_LINE_KEPT = 6 };

struct collected_line {
	struct view text;        /* good for the length of the call */
	uint64_t number, column; /* from 1, of its first byte */
	bool is_part, is_rest;   /* of a line that is too long; but not its beginning */
};

struct collected_lines {
	int (*on_line)(void *context, const struct collected_line *line);
	void *context;
	uint64_t count, too_long; /* lines */
	/* private */
	bool is_long;
	uint64_t passed; /* bytes of the line, before those that are here */
	size_t size;
	uint8_t bytes[COLLECTED_LINE_MAX];
};

int collected_lines_read(struct collected_lines *l, const struct collected_input *in) must_check;
