/* result.h - findings and coverage as one result of a run, in the forms that others read.
 *
 * What:    result_write_json() is the whole result, and what result_diff.h compares with later; result_write_csv() one
 *          line a finding (RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe before it).
 *          Nothing secret is in them: subjects are as `subjects` says, names that are not listed never come here.
 * Fails:   as buffer.h. */
#pragma once

#include "base/buffer.h"
#include "finding/strength.h"
#include "finding/subjects.h"

struct result_diff;

struct result {
	const char *method; /* "writ audit 0.1.0" */
	int64_t at_us;      /* of the run */
	const struct findings *findings;
	const struct subjects *subjects;
	const struct result_diff *diff; /* NULL: not compared; for result_write_json() */
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
