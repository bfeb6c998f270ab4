/* log_columns.h - what lines of a log say of the lines behind them: a header's names of columns.
 *
 * What:    a header may come again with other columns, as in logs that were put together. Who reads a part of a source
 *          is told what is in force where the part begins, and tells what is where it ends.
 * Owns:    nothing; a plain value. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LOG_COLUMNS_MAX = 256, LOG_MARK_MAX = 64 };

struct log_columns {
	bool is_known;                   /* else whoever reads goes by the begin of the source */
	uint8_t fields[LOG_COLUMNS_MAX]; /* enum log_field */
	size_t count;
	uint8_t kind;       /* of a family of kinds: 1 + its number; 0: one that is not known */
	uint8_t first_kind; /* the first that was known */
	bool is_mixed;      /* another one came behind it */
	/* JSON, where each line says itself what it is: some were of another kind. It decides nothing. */
	bool has_others;
	bool in_summary;            /* nfdump: behind the flows, up to the next header */
	uint8_t separator;          /* 0: the format's own */
	uint8_t mark[LOG_MARK_MAX]; /* a mapping: what another header would have, too */
	size_t mark_size;
};

static inline bool log_columns_equal(const struct log_columns *a, const struct log_columns *b)
{
	return a->is_known == b->is_known && a->count == b->count && a->kind == b->kind &&
	       a->first_kind == b->first_kind && a->is_mixed == b->is_mixed &&
	       a->in_summary == b->in_summary && a->separator == b->separator &&
	       a->mark_size == b->mark_size && memcmp(a->fields, b->fields, a->count) == 0 &&
	       memcmp(a->mark, b->mark, a->mark_size) == 0;
}
