/* ways.h - sends each question the way that its name goes.
 *
 * What:    joins the table of zones, the forwarder, the resolver and the relay between these two; of the last three only
 *          what some name needs.
 *          Where an answer ends in an alias, whether our own records or a server that knows only its zones said
 *          it, what that leads to is asked for and put behind it.
 * Owns:    all of them. ways_free() ends what is under way without answers; the loop must run once more afterwards.
 * Limits:  tokens are below `tokens_max`, one question a token at a time.
 * Threads: made by one thread at a time (see resolver.h), used by one. */
#pragma once

#include "base/cleanup.h"
#include "gate/dns/resolver.h"
#include "gate/dns/stats.h"
#include "wire/dns_message.h"

struct ways;
struct zones;
struct forwarder;
struct tap;

struct ways_setup {
	uv_loop_t *loop;
	const struct dns_options *options;
	struct dns_stats *stats;
	struct tap *tap; /* or NULL */
	uint32_t tokens_max;
	resolver_fn *answered;
	void *context;
};

/* As zones_new(), forwarder_new() and resolver_new(). */
int ways_new(const struct ways_setup *setup, struct ways **ret) must_check;
void ways_free(struct ways *w);
DEFINE_CLEANUP(ways, struct ways *, ways_free);

/* Where a name goes, for whoever wants to show it. */
const struct zones *ways_zones(const struct ways *w);
/* Who asks other resolvers; NULL when nobody is asked. */
struct forwarder *ways_forwarder(const struct ways *w);
/* Who recurses and validates; NULL when no name goes there. */
struct resolver *ways_resolver(const struct ways *w);
/* The answer may come before this returns. */
void ways_ask(struct ways *w, const struct dns_question *question, uint32_t token);
