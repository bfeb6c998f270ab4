/* miss_limit.h - how many questions that find nothing go to the upstream for names below one other.
 *
 * What:    random names below one domain ("water torture") miss every cache and fill the tables of questions
 *          here and at the upstream. Each question counts against the names above the one asked for, from
 *          the one below the top-level domain on, and is taken back when the answer says that there is such
 *          a name. Below a name that is over its limit one question in MISS_LIMIT_SLIP is asked. Pure.
 * Limits:  MISS_LIMIT_DEPTH names above one are looked at, the shortest; below `arpa`, where every network
 *          would share a few, from the fourth label on.
 * Threads: one.
 * Source:  Unbound's `ratelimit`, which counts questions to one zone, found or not. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "wire/dname.h"

enum { MISS_LIMIT_SLIP = 10, MISS_LIMIT_DEPTH = 6 };

struct miss_limit;

/* `rows`: names told apart at a time. -ENOMEM. */
int miss_limit_new(uint32_t per_second, uint32_t rows, uint64_t seed,
                   struct miss_limit **ret) must_check;
void miss_limit_free(struct miss_limit *l);
DEFINE_CLEANUP(miss_limit, struct miss_limit *, miss_limit_free);

/* Whether a question for `name` may be asked now. Counts nothing. */
bool miss_limit_allows(struct miss_limit *l, const struct dname *name, int64_t now_us);
/* It is asked. */
void miss_limit_asked(struct miss_limit *l, const struct dname *name, int64_t now_us);
/* The answer has come: there is such a name. */
void miss_limit_found(struct miss_limit *l, const struct dname *name);
