/* core_internal.h - what the files of the core share; nobody else includes it.
 *
 *	core.c          from a query to its answer
 *	core_refuse.c   what is not answered: strangers, faults, what nobody is offered
 *	core_block.c    what a block is answered with
 *	core_known.c    answers kept, and what an upstream says
 *	core_late.c     what a query gets that waited
 *	core_limit.c    how much of anything each may have
 *	core_names.c    which client got which address for a listed name
 *	core_renew.c    what is asked again before a client waits for it
 *	core_record.c   from a verdict to an event
 *	core_watch.c    counting for an administrator who looks on
 *	trace.c         how it would decide */
#pragma once

#include "base/timestamp.h"
#include "gate/dns/cache.h"
#include "gate/dns/cookie.h"
#include "gate/dns/core.h"
#include "gate/dns/designated.h"
#include "gate/dns/limit.h"
#include "gate/dns/miss_limit.h"
#include "gate/dns/renewals.h"
#include "gate/dns/tap.h"
#include "policy/place_memory.h"
#include "refusal/block.h"
#include "wire/dns_reply.h"

struct dns_core {
	const struct dns_options *options;
	const struct policy *policy;
	struct dns_stats *stats;
	struct ring *ring;
	struct tap *tap;
	const struct learned *names;
	uint64_t hits_told; /* of the cache, when the tap was last told */
	struct cache *cache;
	struct core_limits {
		struct limit *strangers;   /* NULL: while it only shows how it decides */
		struct limit *clients;     /* NULL: no limit */
		struct miss_limit *misses; /* NULL: no limit */
	} limits;
	struct cookie_jar cookies;
	uint64_t seed;
	uint8_t reference_key[EVENT_REFERENCE_KEY_SIZE];
	uint64_t policy_version;
	uint32_t epoch; /* counts policies */
	struct place_memory places;
	struct dns_watch watch;
	struct block_texts texts;
	struct designated designated;
	struct renewals *renewals;    /* NULL: none */
	struct known_room learned[2]; /* [1]: of what is unchecked */
	struct dns_asked asked;
};

/* One query on its way through. */
struct turn {
	const struct dns_query *query;
	const struct dns_client *client;
	const struct dns_moment *now;
	uint8_t *room;
	size_t size_max;
	bool is_listed;         /* the name it asks for */
	struct dns_reply reply; /* `reply.opt` is `opt`, or NULL */
	struct dns_opt opt;
	uint8_t cookie[COOKIE_SIZE]; /* of `opt` */
};

/* Seconds by which both may end apart, each with a second of its own clock. */
enum { CORE_REPEATED_S = 2 };

/* Whether the upstream would say the same again. Should the wall clock have been set back, it would for longer, but
 * not here. */
static inline bool core_is_repeated(const struct dns_moment *now, const struct known *known,
                                    const struct cache_found *found)
{
	return now->wall_us / SECOND_US <= known->repeated_until_s &&
	       found->age_s < (uint64_t)known->ttl_s + CORE_REPEATED_S;
}

static inline uint32_t core_steady_s(int64_t steady_us)
{
	return (uint32_t)(steady_us / SECOND_US);
}

static inline uint32_t turn_wall_s(const struct turn *t)
{
	return (uint32_t)(t->now->wall_us / SECOND_US);
}

int core_error(struct dns_core *core, const struct turn *t, uint16_t rcode, int ede,
               const char *text) must_check;

/* The policy may be another than when the query came. */
void core_turn(struct dns_core *core, const struct dns_query *query, struct dns_client *client,
               const struct dns_moment *now, uint8_t *room, size_t room_size, struct turn *t);
/* Sets t->is_listed as well. */
void core_judge_name(const struct dns_core *core, struct turn *t, struct verdict *ret);
/* What is known goes out as it is, or blocked for what it leads to. */
int core_answer_known(struct dns_core *core, const struct turn *t, const struct known *known,
                      const struct cache_found *found) must_check;
/* By the policy of the moment, with what is kept: writes down, and answers or returns DNS_CORE_ASK. */
int core_decide(struct dns_core *core, struct turn *t) must_check;
/* Counts what was cut. */
int core_sized(struct dns_core *core, const struct turn *t, size_t size) must_check;

/* core_block.c */

/* Writes the block down and answers it; or DNS_CORE_ASK. */
int core_block(struct dns_core *core, const struct turn *t, const struct verdict *verdict,
               unsigned zone_labels) must_check;
/* "There is no such name", by which clients stay. */
int core_canary(struct dns_core *core, const struct turn *t, unsigned zone_labels) must_check;

/* core_refuse.c */

/* What is not offered to anybody. Returns whether that was it, with the answer's size. */
bool core_not_offered(struct dns_core *core, const struct turn *t, int *ret_size) must_check;
/* A client that we do not serve learns so, at a bounded rate: its address may be forged. */
int core_refuse(struct dns_core *core, const struct turn *t,
                enum dns_query_verdict parsed) must_check;
int core_malformed(struct dns_core *core, const struct turn *t,
                   enum dns_query_verdict parsed) must_check;

/* core_limit.c */

int core_limits_open(struct dns_core *core) must_check;
void core_limits_close(struct dns_core *core);
/* Each returns whether the query is over a limit, and then the answer's size. */
bool core_limit_stranger(struct dns_core *core, const struct turn *t, int *ret_size) must_check;
/* Only where there is such a limit. */
bool core_limit_client(struct dns_core *core, const struct turn *t, int *ret_size) must_check;
/* DNS_CORE_ASK, or the size of an answer because too much was asked. */
int core_ask(struct dns_core *core, const struct turn *t) must_check;

/* core_known.c */

/* The answer that is kept, judged by the policy of the moment; or NULL. */
struct known *core_cached(struct dns_core *core, const struct cache_key *key,
                          const struct dns_moment *now, struct cache_found *ret);
/* Whether it is a failed validation, which a client that checks signatures itself (CD) is not told: see
 * exchange.c. */
bool core_is_hidden(const struct known *known, const struct dns_query *query);

/* core_renew.c */

int core_renewals_open(struct dns_core *core) must_check;
/* Whether the upstream may be asked for it again: after a failure there is a pause. */
bool core_may_renew(const struct dns_moment *now, const struct known *known);
/* The upstream fails: that begins. */
void core_pause(const struct dns_moment *now, struct known *known);
/* Has it asked for again with nobody waiting, as soon as that may bring another answer. */
void core_renew(struct dns_core *core, const struct turn *t, struct known *known,
                const struct cache_found *found);

/* core_names.c: called while core->names is there. */

/* What learned_bits() says of the addresses in it. */
uint16_t core_address_bits(const struct known *known);
/* The client gets this answer: what is learned of it. `alias` is a listed name that it leads to, or empty. */
void core_tell_names(const struct dns_core *core, const struct turn *t, const struct known *known,
                     const struct cache_found *found, const struct dname *alias);

/* core_record.c */

/* Counts the verdict and writes it down; returns the reference that the client may be given, or 0. */
uint64_t core_record(struct dns_core *core, const struct turn *t, const struct verdict *verdict,
                     const struct dname *name);

/* core_watch.c: called while core->watch.top is there. */

void core_watch_query(struct dns_core *core, const struct turn *t);
void core_watch_name(struct dns_core *core, enum top_kind kind, const struct turn *t);
