/* nameless.h - findings of the log that name nobody, found by what the log says of them.
 *
 * What:    pure. The id of a finding is made with the key of a month, which protects whom it names. One that names nobody
 *          has nothing to protect: product, identifier, unit, file, machine and item are in its entry as they are, and
 *          tell it from others whether the key is there or not.
 * Owns:    nameless_done(); rows are the states'.
 * Limits:  what the log could not write byte for byte, as it is no UTF-8, does not tell: such a finding is not in it. */
#pragma once

#include "finding/result.h"
#include "finding/states.h"

struct nameless {
	const struct finding_state **rows;
	size_t count;
};

int nameless_init(struct nameless *n, const struct states *states) must_check;
void nameless_done(struct nameless *n);
/* NULL when it names somebody, or the log has none that is the same. Of several the one that was found last. */
const struct finding_state *nameless_find(const struct nameless *n, const struct findings *all,
                                          const struct finding *f);
/* Of several that are the same, as a log has them that was written without this file: if one is met, all are. `is_met` has
 * a member for each of the states. */
void nameless_spread(const struct nameless *n, const struct states *states, bool *is_met);
