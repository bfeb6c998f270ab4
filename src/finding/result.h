/* result.h - findings and coverage as one result of a run, in the forms that others read.
 *
 * What:    result_write_json() is the whole result, and what result_diff.h compares with later; result_write_csv() one
 *          line a finding (RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe before it).
 *          Nothing secret is in them: subjects are as `subjects` says, names that are not listed never come here.
 * Fails:   as buffer.h. */
#pragma once

#include <stdio.h>

#include "base/buffer.h"
#include "finding/strength.h"
#include "finding/subjects.h"

struct json_writer;
struct result_diff;

/* What a command adds to the result of its own. */
struct result_more {
	const char *items; /* what its sources consist of, "files"; the functions may be NULL */
	const char *item;  /* one of them, "file" */
	void (*write_json)(const void *context,
	                   struct json_writer *j); /* members of the outermost object */
	void (*print)(const void *context, FILE *out);
	const void *context;
};

/* Where a destination is, by what the administrator has; NULL where that is not known. */
struct result_destination {
	const char *country; /* "CN" */
	const char *network; /* "AS64500 Example" */
};
/* Its texts live as long as `context`. */
typedef struct result_destination result_locate(void *context, const struct address *destination);

struct result {
	const char *method;             /* "writ audit 0.1.0" */
	const struct result_more *more; /* NULL: nothing, and sources consist of lines or packets */
	int64_t at_us;                  /* of the run */
	const struct findings *findings;
	const struct subjects *subjects;
	const struct result_diff *diff; /* NULL: not compared; what is gone has no line of CSV */
	result_locate *locate;          /* NULL: of no destination it is known where it is */
	void *locate_context;
};

void result_write_json(const struct result *r, struct buffer *out);
void result_write_csv(const struct result *r, struct buffer *out);

/* Whether every source was read wholly: else that nothing was found says less. */
bool result_is_complete(const struct result *r);
/* The strongest of its findings. FINDING_NOTHING without any. */
enum finding_strength result_strength(const struct result *r);
/* "web app" of an identifier's facets, separated by `between`. Returns `text`. */
enum { RESULT_FACETS_SIZE = 128 };
const char *result_facets(const struct policy *p, uint32_t identifier, const char *between,
                          char text[static RESULT_FACETS_SIZE]);
/* The unit of a finding; "" for none. */
const char *result_unit(const struct policy *p, const struct finding *f);
struct result_destination result_destination(const struct result *r, const struct finding *f);
