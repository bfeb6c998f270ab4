/* submission.h - entries that a command hands over to be written: what an audit or a scan found, what people decided.
 *
 * What:    pure. A line an entry, `KIND DATA`, DATA canonical JSON as in entry.h; when it is written is not theirs to
 *          say. Only the kinds audit and finding come this way, and a subject only as a pseudonym; and the kind erase, alone
 *          and by its month, who asks, why, and an id of its own: that line is to be done before it is written.
 * Fails:   ERR_MALFORMED; ERR_LIMIT for an entry over ENTRY_SIZE_MAX.
 * Limits:  SUBMISSION_SIZE_MAX bytes in all. */
#pragma once

#include "record/entry.h"

#define SUBMISSION_SIZE_MAX ((size_t)64 << 20)

/* Takes a line off `rest` and writes its entry into `out`, which is empty. */
int submission_next(struct view *rest, int64_t time_us, struct buffer *out) must_check;
/* Whether they are, when they are good, the one line of an erasure. */
bool submission_is_erasure(struct view lines);
/* Whether every line is one, and how many there are. */
int submission_check(struct view lines, size_t *ret_count) must_check;
