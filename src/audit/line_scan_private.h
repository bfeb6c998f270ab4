/* line_scan_private.h - for the files of line_scan.h only. */
#pragma once

#include "audit/line_ends.h"
#include "audit/line_scan.h"

/* A place of the chunk where something may be: exact look-ups are still to be made. */
struct line_place {
	uint32_t at; /* a name or address ends before it; a header begins at it */
	uint8_t what;
};
enum { PLACE_NAME, PLACE_ESCAPED_NAME, PLACE_ADDRESS, PLACE_HEADER };

struct line_scan {
	const struct line_filter *filter;
	struct line_dialect dialect;
	line_ends_function *read_ends;
	void (*probe)(struct line_scan *s);
	struct line_ends_table table;
	struct view run;
	size_t chunk, chunk_size; /* of the run, in hand */
	uint64_t before;          /* lines of the run before the chunk */
	size_t counted;           /* of the run: up to there lines of the chunk are counted, */
	uint64_t counted_feeds;   /* and are so many */
	size_t given_end;         /* of the last line that was given */
	uint32_t place_count, next_place;
	/* So much of this run, or of one before, was looked at twice that names are thought to end with a dot. */
	bool has_final_dots;
	struct line_ends e;
	uint64_t hashes[LINE_ENDS_MAX]; /* of the names that end there */
	uint8_t how[LINE_ENDS_MAX];     /* to be looked at whatever the filter says */
	struct line_place places[4 * LINE_ENDS_BYTES]; /* in order */
};

/* Fills `places` from the ends of names, and keeps of e.numbers what may be listed: in line_scan_probe.c, for the
 * processor that there is. */
void line_scan_probe(struct line_scan *s);
void line_scan_probe_fast(struct line_scan *s); /* line_ends_has_avx2() */
void line_scan_probe_wide(struct line_scan *s); /* line_sift_has_wide() */

/* Adds those that are no plain end of a name; in line_scan_other.c. */
void line_scan_find_other(struct line_scan *s);

/* Whether a listed address ends before that place of the chunk; stands around the colon there. */
bool line_scan_is_address4(const struct line_scan *s, size_t at);
bool line_scan_is_address6(const struct line_scan *s, size_t colon);
