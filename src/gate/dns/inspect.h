/* inspect.h - what an answer leads to: targets of aliases and services, addresses.
 *
 * What:    a product may hide behind a name that nobody lists. Every target of CNAME, DNAME, SVCB and
 *          HTTPS, every address and address hint in an answer is a fact of its own, and the worst verdict
 *          counts. An answer in which nothing is listed is clean, for every client of that policy: it need
 *          not be looked at again. Pure.
 * Limits:  a message that does not parse is judged as far as it does, and is never clean. */
#pragma once

#include <stdbool.h>

#include "base/view.h"
#include "policy/policy.h"

struct inspected {
	bool is_clean;        /* nothing in it is listed: no need to ask again */
	bool strips_ech;      /* policy wants `ech` removed for a name in it */
	struct verdict worst; /* REASON_UNLISTED when clean */
	struct dname name;    /* what `worst` is about; empty (size 0) when it is an address */
};

/* `who` has time, place and client; its other fields are not read. */
void inspect_answer(struct view message, const struct policy *policy, const struct facts *who,
                    struct inspected *ret);
