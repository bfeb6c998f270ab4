/* line_scan.h - the lines of a block that may speak of what a policy lists; all others are only counted.
 *
 * What:    host names are found by their ends, with label boundaries, in any case and at any place of a line; with the
 *          format's escapes undone (%2e \u002e \/), international names by their ASCII form, and with the lengths of
 *          their labels between as Windows writes them. Addresses too where the format can prove them.
 *          A line that has a listed name is always given; one that is given may still turn out to say nothing.
 *
 *	line_scan_begin(scan, run);                  // whole lines
 *	for (struct line_hit hit; line_scan_next(scan, &hit);)
 *		...
 *	items += line_scan_count(scan);
 *
 * How:     64 bytes become a few words of bits (line_ends.h); adding two of them gives all ends of names that have
 *          a dot at once; the last bytes before an end are one number, asked for in line_tails.h, or where very many
 *          names are listed its last two labels, in policy/name_stems.h. Only what that cannot rule out is looked up
 *          in the policy.
 * Owns:    line_scan_new() allocates some 370 KB; it borrows the filter and, until the next begin, the run.
 * Limits:  of a name with escapes, LINE_ESCAPED_MAX bytes before and after are undone.
 * Threads: one a scan. */
#pragma once

#include "audit/line_filter.h"

enum { LINE_ESCAPED_MAX = 512 };

struct line_dialect {
	unsigned
		marks; /* enum line_ends_with; with LINE_ENDS_HASH lines that begin with # are given too */
	bool has_addresses; /* an address proves something */
};

struct line_hit {
	struct view line; /* without its line feed */
	uint64_t before;  /* lines of the run before it */
};

struct line_scan;

int line_scan_new(const struct line_filter *filter, const struct line_dialect *dialect,
                  struct line_scan **ret) must_check;
void line_scan_free(struct line_scan *s);
DEFINE_CLEANUP(line_scan, struct line_scan *, line_scan_free);

/* Of other lines from the next begin on. */
void line_scan_set(struct line_scan *s, const struct line_dialect *dialect);
void line_scan_begin(struct line_scan *s, struct view run);
bool line_scan_next(struct line_scan *s, struct line_hit *ret);
/* How many lines the run has; a last one without a line feed counts. After the end only. */
uint64_t line_scan_count(const struct line_scan *s);
/* For tests: the row of line_ends_ways[] to use, and with it one of the ways to sift. */
void line_scan_use(struct line_scan *s, size_t way);
