/* reader.h - one source of an audit, read to its end: the form that all formats have.
 *
 * What:    audit_formats[] in formats.c is the table: how a format is recognised by its first bytes, what it can prove,
 *          and the functions that read it. A reader is pure but for its state: it is given blocks of bytes in their
 *          order and adds what it finds to the findings of its context. It never sees a file, and reads no byte twice.
 * Limits:  a line, packet or record longer than AUDIT_ITEM_MAX is counted as not understood and skipped without
 *          being held.
 * Threads: one a reader; different blocks of one source that are cut at line ends may go to different readers.
 *
 * To add a format: src/audit/log_x.c or capture_x.c, one row in audit_formats[], a golden case and a damaged file of it,
 * a fuzz target with its corpus: of logs fuzz_log_lines. */
#pragma once

#include "base/err.h"
#include "base/view.h"
#include "finding/example.h"
#include "finding/findings.h"
#include "policy/policy.h"

struct audit_format;
struct capture_limits;
struct line_filter;
struct log_columns;

enum { AUDIT_ITEM_MAX = 1 << 20, AUDIT_PROBE_SIZE = 64 * 1024 };

/* What a format can prove; `writ audit --formats` prints it. */
enum audit_proof {
	PROOF_NAME = 1 << 0,
	PROOF_URL = 1 << 1,
	PROOF_ADDRESS = 1 << 2, /* alone, on shared hosting, it proves nothing */
	PROOF_USER = 1 << 3,
	PROOF_CLIENT = 1 << 4, /* the client's address */
	PROOF_BYTES = 1 << 5,
	PROOF_TIME = 1 << 6,
	PROOF_CERTIFICATE =
		1 << 7, /* names of the server's certificate, where none was asked for */
};

/* What a reader is given to work with; it outlives the reader. audit/coverage.h counts in it. */
struct audit_context {
	const struct policy *policy;
	struct findings *findings;
	int64_t now_us; /* when the audit began: for facts of sources that say no time */
	uint32_t source;
	struct findings_source *coverage; /* items, not_understood, span: the reader counts here */
	char *example; /* FINDING_EXAMPLE_SIZE bytes for the example of what was not understood */
	/* of the policy, for logs; NULL: each reader makes its own, which takes time where there are many names */
	const struct line_filter *filter;
	/* Of a part of a source: what is in force where it begins (is_known, else the reader goes by the begin of the
	 * source, and says here what that gave), and where it ends, which the reader says; or NULL. */
	struct log_columns *begin, *end;
	const struct audit_format *format; /* one that was given, not found by content; or NULL */
	const struct capture_limits *capture; /* other than usual, for tests; or NULL */
};

struct audit_format {
	const char *name, *help;
	unsigned proves; /* enum audit_proof */
	bool is_lines;   /* blocks may be cut at any end of line */
	/* How sure the first bytes make: 0 (not this) to 100. */
	int (*probe)(struct view first);
	/* `first` is the begin of the source, not of the part that this reader is given. */
	int (*open)(const struct audit_context *context, struct view first, void **ret);
	/* Takes a block; an item may go on in the next. coverage->items is 0 at first and counts each item: a
	 * sighting's `at` is the count with its own. Where a source is cut the parts are put together by it. */
	int (*read)(void *reader, struct view block);
	int (*finish)(void *reader); /* the last item, if it has no end */
	void (*close)(void *reader); /* NULL is fine */
	/* What a source is called in which other kinds of logs follow; NULL: none do. */
	const char *mixed;
};
extern const struct audit_format audit_formats[]; /* ends with name NULL */
/* The row whose probe is surest, of equals the first; NULL when none is. `first` is up to AUDIT_PROBE_SIZE. */
const struct audit_format *audit_format_find(struct view first);
