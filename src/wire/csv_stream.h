/* csv_stream.h - CSV read in blocks of any size: one row at a time.
 *
 * What:    a push parser: comma, semicolon or tab, which the first line says; quotes as in RFC 4180, ends of line of any
 *          kind, a byte order mark.
 * Owns:    nothing; the fields of a row are good for the length of the call.
 * Fails:   what the callback returns when it is negative; it is sticky.
 * Limits:  CSV_FIELDS_MAX fields and CSV_ROW_MAX bytes a row: what goes beyond is left out, and `cut` counts the rows.
 * Source:  RFC 4180. */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum { CSV_FIELDS_MAX = 256, CSV_ROW_MAX = 64 * 1024 };

typedef int csv_stream_on(void *context, const struct view *fields, size_t count);

struct csv_stream {
	csv_stream_on *on;
	void *context;
	uint64_t rows, cut;
	/* below: private */
	uint8_t separator, mark; /* 0: not known yet; bytes of a byte order mark that were met */
	bool is_quoted, was_quote, is_begun, is_cut;
	int error;
	size_t size, count;
	size_t ends[CSV_FIELDS_MAX];
	uint8_t row[CSV_ROW_MAX];
};

/* `separator` of 0: the first line says which, if the first block holds it. */
void csv_stream_begin(struct csv_stream *s, uint8_t separator, csv_stream_on *on, void *context);
int csv_stream_feed(struct csv_stream *s, struct view block) must_check;
int csv_stream_end(struct csv_stream *s) must_check;
/* Which separates the fields of a first line. */
uint8_t csv_stream_separator(struct view first);
