/* log_kind.h - a format of lines: what tells it from others, how a line is taken apart, what its fields are.
 *
 * To add one: a struct log_kind in a log_x.c with its LOG_FORMAT(), declared in log_formats.h, and a row in
 * formats.c. */
#pragma once

#include "audit/line_ends.h"
#include "audit/line_scan.h"
#include "audit/log_columns.h"
#include "audit/log_record.h"
#include "audit/reader.h"

enum { LOG_SCRATCH_SIZE = 64 * 1024 };

/* A line that is understood and says nothing: a header, an empty one, another message of the same program. */
enum { LOG_SILENT = 1 };

/* What earlier lines say of later ones, and room. */
struct log_state {
	struct log_columns columns;
	uint8_t separator; /* of what one line has: LEEF's and others say it themselves */
	bool is_probed;    /* whether it is this format at all is still asked */
	bool is_begin; /* the begin of the source is read, to know it, before what is to be read */
	bool has_queries; /* they are logged, not only replies */
	size_t scratch_used;
	uint8_t scratch[LOG_SCRATCH_SIZE]; /* of one line; last, as nobody clears it */
};

struct log_kind;
typedef int log_parse_function(const struct log_kind *kind, struct log_state *state,
                               struct view line, struct log_record *ret);

/* A place in the next line, of whole ones, that may name the columns anew or say else what is behind it; NULL: there
 * is none. */
typedef const uint8_t *log_find_function(const struct log_kind *kind, const struct log_columns *now,
                                         struct view run);

struct log_kind {
	struct line_dialect dialect;
	const struct log_key *keys;
	/* OK, LOG_SILENT, ERR_MALFORMED. */
	log_parse_function *parse;
	log_find_function *find_header; /* NULL: such lines begin with #, or there are none */
	/* Kinds of which a stream may have lines, each behind its own header: ends with NULL. NULL: this one alone. */
	const struct log_kind *const *family;
	int sure;
	bool has_replies; /* in lines of their own: no acts where queries are logged, too */
	/* JSON and headers: keys that must all be there. */
	const char *const *needs;
	uint8_t separator; /* log_table.c: of columns, where no header says another */
	char assign;       /* log_pairs_parse(): between a key and its value */
};

int log_kind_probe(const struct log_kind *kind, struct view first);
int log_kind_open(const struct log_kind *kind, const struct audit_context *context,
                  struct view first, void **ret) must_check;
int log_lines_read(void *reader, struct view block) must_check;
int log_lines_finish(void *reader) must_check;
void log_lines_close(void *reader);

#define LOG_FORMAT(symbol, kind)                                                        \
	int log_##symbol##_probe(struct view first)                                     \
	{                                                                               \
		return log_kind_probe(&(kind), first);                                  \
	}                                                                               \
	int log_##symbol##_open(const struct audit_context *context, struct view first, \
	                        void **ret)                                             \
	{                                                                               \
		return log_kind_open(&(kind), context, first, ret);                     \
	}

/* Room in the scratch memory; NULL when there is none left. */
uint8_t *log_state_room(struct log_state *state, size_t size);
