/* limit.h - how many answers strangers get: response-rate limiting.
 *
 * What:    one bucket of tokens a network (/24 or /56), in a table of fixed size. A network whose place
 *          is taken by another that was seen later starts anew: a flood from many networks can only
 *          make the limit milder for some of them, never exhaust memory. Pure.
 * Threads: one.
 * Source:  the ideas of Vixie and Schryver's "DNS Response Rate Limiting"; truncated answers make a
 *          real client come back over TCP, where its address is proven. */
#pragma once

#include <stdint.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/err.h"

enum limit_verdict {
	LIMIT_ANSWER,
	LIMIT_TRUNCATE, /* answer with TC and nothing else */
	LIMIT_DROP,
};

struct limit_rule {
	uint32_t per_second; /* answers a network may get; also the size of its bucket */
	uint32_t slip;       /* of the answers over it each so-many-th is truncated; 0: none */
};

struct limit;

/* `rows` is rounded up to a power of two. -ENOMEM. */
int limit_new(const struct limit_rule *rule, uint32_t rows, uint64_t seed,
              struct limit **ret) must_check;
void limit_free(struct limit *l);
DEFINE_CLEANUP(limit, struct limit *, limit_free);

/* Counts one answer to `client` and says what to do with it. */
enum limit_verdict limit_ask(struct limit *l, const struct address *client, int64_t now_us);
