/* core_internal.h - what the files of the core share; nobody else includes it.
 *
 *	core.c          from a query to its answer
 *	core_refuse.c   what is not answered: strangers, faults, what nobody is offered
 *	core_block.c    what a block is answered with
 *	core_known.c    answers kept, and what an upstream says
 *	core_record.c   from a verdict to an event */
#pragma once

#include "gate/dns/block.h"
#include "gate/dns/cache.h"
#include "gate/dns/core.h"
#include "gate/dns/limit.h"
#include "gate/dns/tap.h"

enum { PLACES = 256 };

struct dns_core {
	const struct dns_options *options;
	const struct policy *policy;
	struct dns_stats *stats;
	struct ring *ring;
	struct tap *tap;
	uint64_t hits_told; /* of the cache, when the tap was last told */
	struct cache *cache;
	struct limit *limit;
	uint64_t seed;
	uint8_t reference_key[EVENT_REFERENCE_KEY_SIZE];
	uint64_t policy_version;
	uint32_t epoch; /* counts policies */
	struct {
		struct address client;
		uint32_t place;
	} places[PLACES]; /* of clients seen lately */
	struct block_texts texts;
	struct known_room learned;
	struct dns_asked asked;
};

/* One query on its way through. */
struct turn {
	const struct dns_query *query;
	const struct dns_client *client;
	const struct dns_moment *now;
	uint8_t *room;
	size_t size_max;
};

int core_error(struct dns_core *core, const struct turn *t, uint16_t rcode, int ede,
               const char *text) must_check;

struct turn core_turn(struct dns_core *core, const struct dns_query *query,
                      struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                      size_t room_size);
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

/* core_known.c */

/* The answer that is kept, judged by the policy of the moment; or NULL. */
struct known *core_cached(struct dns_core *core, const struct cache_key *key,
                          const struct dns_moment *now, uint32_t *ret_age_s);

/* core_record.c */

/* Counts the verdict and writes it down; returns the reference that the client may be given, or 0. */
uint64_t core_record(struct dns_core *core, const struct turn *t, const struct verdict *verdict,
                     const struct dname *name);
