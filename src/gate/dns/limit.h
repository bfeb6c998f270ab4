/* limit.h - how much of something each of many may have a second: buckets of tokens.
 *
 * What:    one bucket a key, in a table of fixed size. A key whose place is taken by another that was seen
 *          later starts anew: a flood from many networks can only make the limit milder for some of them,
 *          never exhaust memory. Pure.
 * Threads: one.
 * Source:  the ideas of Vixie and Schryver's "DNS Response Rate Limiting"; truncated answers make a
 *          real client come back over TCP, where its address is proven. */
#pragma once

#include <stdbool.h>
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
	uint32_t per_second; /* tokens a key gets; also the size of its bucket */
	uint32_t slip;       /* of what is over it each so-many-th is truncated; 0: none */
};

struct limit;

/* `rows` is rounded up to a power of two. -ENOMEM. */
int limit_new(const struct limit_rule *rule, uint32_t rows, uint64_t seed,
              struct limit **ret) must_check;
void limit_free(struct limit *l);
DEFINE_CLEANUP(limit, struct limit *, limit_free);

/* What is counted: a network of clients (/24 or /56), one client, or anything else by a hash of it. */
uint64_t limit_key_of_network(const struct limit *l, const struct address *client);
uint64_t limit_key_of_client(const struct limit *l, const struct address *client);
uint64_t limit_key_of_bytes(const struct limit *l, struct view bytes);

/* Counts one and says what to do with it. */
enum limit_verdict limit_ask(struct limit *l, uint64_t key, int64_t now_us);
/* Whether one would pass; counts nothing. */
bool limit_has_room(const struct limit *l, uint64_t key, int64_t now_us);
/* Takes back what limit_ask() counted. */
void limit_return(struct limit *l, uint64_t key);
/* How many would pass at this moment; counts nothing. */
uint32_t limit_left(const struct limit *l, uint64_t key, int64_t now_us);
