/* result_diff.h - what is new, still there and gone since an earlier result.
 *
 * What:    findings are the same when product, facets, identifier, subject, unit, file and item of it are. The earlier result
 *          is the JSON that result_write_json() writes.
 * Owns:    result_diff_done().
 * Fails:   ERR_MALFORMED for another file; ERR_LIMIT over RESULT_SIZE_MAX; ERR_DENIED when the two name people in ways
 *          that cannot be compared.
 * Limits:  RESULT_SIZE_MAX bytes. */
#pragma once

#include "base/json_writer.h"
#include "finding/result.h"

#define RESULT_SIZE_MAX ((size_t)256 << 20)

enum result_change { RESULT_NEW, RESULT_STILL, RESULT_CHANGES };
extern const char *const result_change_names[]; /* "new" "still" */

/* A finding of the earlier result that this one has not: its own words. */
struct result_gone {
	const char *product, *facets, *identifier, *subject, *unit, *where, *item, *what, *last;
};

struct result_earlier; /* read, and which of its findings were met */

struct result_diff {
	struct result_earlier *earlier;
	enum result_change *changes; /* one a finding, in their order */
	size_t new_count, still_count;
	struct result_gone *gone;
	size_t gone_count;
};

int result_earlier_read(struct view json, struct result_earlier **ret) must_check;
void result_earlier_free(struct result_earlier *e);
/* How it names people, and by the key of which month. */
enum subjects_mode result_earlier_mode(const struct result_earlier *e);
const char *result_earlier_period(const struct result_earlier *e);
/* Whether a result that names people so can be compared with it. */
bool result_earlier_is_comparable(const struct result_earlier *e, const struct subjects *now);

/* Takes `e`, also on failure. */
int result_diff_make(const struct result *now, struct result_earlier *e,
                     struct result_diff *ret) must_check;
void result_diff_done(struct result_diff *d);
/* {"new":1,"still":2,"gone":[...]}: the member "changes" of a result. */
void result_diff_write_json(const struct result_diff *d, struct json_writer *j);
