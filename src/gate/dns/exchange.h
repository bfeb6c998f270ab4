/* exchange.h - questions to the upstream and answers back to all who wait for them.
 *
 * What:    joins the core, the table of pending questions and the resolver. A question asked by many at
 *          once goes out once. Who waits for long gets what is kept, though its time is over; who waits
 *          too long is told so. The answer is still kept when it comes.
 * Threads: one; made before its thread starts (see resolver.h).
 * Life:    exchange_free(), then the loop must run once more. */
#pragma once

#include <uv.h>

#include "base/cleanup.h"
#include "gate/dns/core.h"
#include "gate/dns/pending.h"

typedef void exchange_deliver_fn(void *context, const struct origin *origin, struct view answer);

struct tap;

struct exchange_setup {
	uv_loop_t *loop;
	struct dns_core *core;
	const struct dns_options *options;
	struct dns_stats *stats;
	struct tap *tap; /* or NULL */
	uint64_t seed;
	exchange_deliver_fn *deliver; /* an empty answer: none comes */
	void *context;
};

struct exchange;
struct zones;
struct forwarder;
struct resolver;

int exchange_new(const struct exchange_setup *setup, struct exchange **ret) must_check;
void exchange_free(struct exchange *x);
DEFINE_CLEANUP(exchange, struct exchange *, exchange_free);

/* After DNS_CORE_ASK: takes the query on, to be delivered. Returns 0, or the size of an answer that can be
 * given at once because it cannot be asked. A probe may be told before this returns. */
size_t exchange_ask(struct exchange *x, const struct dns_query *query, const struct origin *origin,
                    const struct dns_moment *now, uint8_t *room, size_t room_size);

/* Asks with nobody waiting, if there is room for it. */
void exchange_renew(struct exchange *x, const struct dns_question *question,
                    const struct dns_moment *now);

/* Where names go; as long as the exchange. */
const struct zones *exchange_zones(const struct exchange *x);
/* As ways_forwarder(). */
struct forwarder *exchange_forwarder(const struct exchange *x);
/* As ways_resolver(). */
struct resolver *exchange_resolver(const struct exchange *x);

struct dns_moment dns_moment_now(void);
