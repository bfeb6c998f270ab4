/* tally.h - how often each rule of the policy in force has blocked or observed, in memory shared with the
 * parent.
 *
 * What:    numbers of rules mean something only together with the policy's version: another policy begins
 *          at zero, as a counter does that was started again.
 * Limits:  TALLY_RULES rows; what further rules do is counted under facets only.
 * Threads: one writer; anybody may read at any time. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { TALLY_RULES = 256, TALLY_FACETS = 16 };

enum tally_action { TALLY_OBSERVED, TALLY_BLOCKED, TALLY_ACTIONS };

struct tally {
	_Atomic uint64_t version; /* of the policy; 0 while it changes */
	_Atomic uint64_t rules[TALLY_RULES][TALLY_ACTIONS];
	_Atomic uint64_t facets[TALLY_FACETS][TALLY_ACTIONS];
};

/* Begins at zero, unless it counts for that policy already. */
void tally_begin(struct tally *t, uint64_t version);
/* `facets` are bits of enum facet. */
void tally_add(struct tally *t, uint32_t rule, uint32_t facets, enum tally_action action);
/* Adds the counts of `from`, if they are of that version, to `to`, which only the caller sees. */
void tally_sum(struct tally *to, const struct tally *from, uint64_t version);
