/* core.h - from a query to its answer, without sockets, threads or clocks.
 *
 *	int size = dns_core_query(core, packet, &client, &now, &query, room, sizeof(room));
 *	size > 0              send it
 *	size == DNS_CORE_SILENT   nothing is said
 *	size == DNS_CORE_ASK  ask the upstream for dns_core_asked(core); with what it says:
 *	    known = dns_core_learn(core, &question, &answer, &now);
 *	    size = dns_core_finish(core, known, &query, &client, &now, room, sizeof(room));  for each who waits,
 *	    or dns_core_redirected() where `redirect` was set
 *
 * What:    parse, place of the client, policy, cache; every answer is judged for the client that gets it,
 *          and every block and observation becomes an event. An allowed name that is cached costs one
 *          look-up in the policy and one in the cache, and allocates nothing.
 * Owns:    its cache, rate limits and texts. Borrows options, policy, ring and counters.
 * Threads: one; each worker has its own. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "flow/learned.h"
#include "gate/dns/cache.h"
#include "gate/dns/cookie.h"
#include "gate/dns/known.h"
#include "gate/dns/options.h"
#include "gate/dns/redirect.h"
#include "gate/dns/stats.h"
#include "gate/dns/top.h"
#include "gate/dns/transport.h"
#include "policy/policy.h"
#include "record/event.h"
#include "record/ring.h"
#include "wire/dns_query.h"

struct dns_client {
	struct address address;
	uint32_t place; /* set by the core: a row of the policy of the moment */
	enum dns_transport transport;
	int64_t idle_us; /* of a connection: how long it may be silent, if clients are told; else 0 */
};

struct dns_moment {
	int64_t wall_us;   /* for orders and events */
	int64_t steady_us; /* for everything that waits or expires */
};

struct tap;

struct dns_core_setup {
	const struct dns_options *options;
	const struct policy *policy;
	struct dns_stats *stats;
	struct ring *ring; /* NULL: events are only counted */
	struct tap *tap;   /* NULL: nothing is told of queries */
	const struct learned
		*names; /* told which client got which address for a listed name; or NULL */
	size_t cache_size;
	uint64_t seed;
	uint8_t reference_key[EVENT_REFERENCE_KEY_SIZE]; /* of the codes that people quote */
	uint8_t cookie_key[COOKIE_KEY_SIZE];
};

struct dns_core;
struct cache;

struct dns_watch {
	struct top *top; /* NULL: nothing is counted */
	int64_t begun_us, until_us;
};

/* -ENOMEM, ERR_INVALID. */
int dns_core_new(const struct dns_core_setup *setup, struct dns_core **ret) must_check;
void dns_core_free(struct dns_core *core);
DEFINE_CLEANUP(dns_core, struct dns_core *, dns_core_free);

/* Counts what is asked until `until_us` (steady), for whoever calls dns_core_watched(); takes `top`. */
void dns_core_watch(struct dns_core *core, struct top *top, int64_t now_us, int64_t until_us);
/* NULL when nothing is counted, or DNS_WATCH_KEPT_US after the counting ended: then it is forgotten, at the
 * latest with the next query. */
enum { DNS_WATCH_KEPT_US = 30 * 1000000 };
const struct dns_watch *dns_core_watched(struct dns_core *core, int64_t now_us);

/* From here on the other policy decides; answers kept from before are judged again. */
void dns_core_set_policy(struct dns_core *core, const struct policy *policy);

enum { DNS_CORE_SILENT = 0, DNS_CORE_ASK = -1 };

/* What DNS_CORE_ASK asks for: the query's own question, or the name that stands in for a blocked one. Valid
 * until the next call of the core. */
const struct dns_asked *dns_core_asked(const struct dns_core *core);

/* Hints for a batch: dns_core_expect() once for all its queries with each step, then dns_core_answer(). */
enum dns_expect { DNS_EXPECT_PLACE, DNS_EXPECT_ANSWER };
void dns_core_expect(const struct dns_core *core, const struct dns_query *query,
                     enum dns_expect step);
/* `query` is what dns_query_parse() made of it, and `parsed` what it said. */
int dns_core_answer(struct dns_core *core, enum dns_query_verdict parsed,
                    const struct dns_query *query, struct dns_client *client,
                    const struct dns_moment *now, uint8_t *room, size_t room_size) must_check;
/* Parses and answers. `query` is set when the result is DNS_CORE_ASK, and points into the packet. */
int dns_core_query(struct dns_core *core, struct view packet, struct dns_client *client,
                   const struct dns_moment *now, struct dns_query *query, uint8_t *room,
                   size_t room_size) must_check;

/* The question is on its way to the upstream; dns_core_learn() will follow. */
void dns_core_sent(struct dns_core *core, const struct dname *name, const struct dns_moment *now);
/* Takes in an answer, keeps it if it may be kept. The result is valid until the next call with an
 * answer of its kind, checked or not. */
const struct known *dns_core_learn(struct dns_core *core, const struct dns_question *question,
                                   const struct upstream_answer *answer,
                                   const struct dns_moment *now);
/* Answers a client that has waited for long with what is kept, though its time is over; DNS_CORE_SILENT when
 * there is nothing. */
int dns_core_stale(struct dns_core *core, const struct dns_query *query, struct dns_client *client,
                   const struct dns_moment *now, uint8_t *room, size_t room_size) must_check;
/* Takes the next question that is to be asked again though nobody waits for it. */
bool dns_core_renewal(struct dns_core *core, const struct dns_moment *now,
                      struct dns_question *ret);
/* When there will be one (steady); RENEWALS_NEVER: not as things are. */
int64_t dns_core_renewal_us(const struct dns_core *core);
/* What is kept, as struct known; borrowed. */
struct cache *dns_core_cache(struct dns_core *core);
/* Brings the counters of the cache up to date; the core does so whenever it learns. */
void dns_core_count_cache(struct dns_core *core);
/* Answers one client from it, or, when it is a failure, with what is kept from before; DNS_CORE_ASK when it leads to something blocked that has an alias instead. */
int dns_core_finish(struct dns_core *core, const struct known *known, const struct dns_query *query,
                    struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                    size_t room_size) must_check;
/* Answers one whose block waited for its alias; `known` is what is known of that, NULL for nothing. If the policy
 * changed meanwhile, that decides: DNS_CORE_ASK for what it needs. */
int dns_core_redirected(struct dns_core *core, const struct dns_redirect *redirect,
                        const struct known *known, const struct dns_query *query,
                        struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                        size_t room_size) must_check;
/* Tells a client that there is no answer. */
int dns_core_fail(struct dns_core *core, const struct dns_query *query, struct dns_client *client,
                  const struct dns_moment *now, uint16_t ede, uint8_t *room,
                  size_t room_size) must_check;
