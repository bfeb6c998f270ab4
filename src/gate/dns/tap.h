/* tap.h - what a worker tells of its queries to those who write them down, when anybody does.
 *
 * What:    where telling is off there is no tap, and a query costs one branch more. Else each finished query
 *          that a sink's scope holds is copied into that sink's queue, with ids instead of rows of the
 *          policy, which may be another when they are read. Nothing is written here, nobody is waited for.
 * Owns:    nothing but itself; the queues are their makers'.
 * Threads: the worker's; tap_set_policy() too. */
#pragma once

#include "gate/dns/stats.h"
#include "gate/dns/tap_options.h"
#include "gate/dns/tap_queue.h"
#include "wire/dns_query.h"

enum { TAP_SINKS_MAX = 2 };

struct tap_sink {
	struct tap_queue *queue;
	enum tap_scope scope;
	bool wants_unanswered; /* queries on their way to the upstream, before their answers */
	enum dns_counter dropped;
	bool wants_forwarded; /* messages to and from the servers that are forwarded to */
};

struct tap;

/* Counts in `stats`, which are the worker's. -ENOMEM. */
int tap_new(const struct tap_sink *sinks, size_t count, struct dns_stats *stats,
            struct tap **ret) must_check;
void tap_free(struct tap *t);
DEFINE_CLEANUP(tap, struct tap *, tap_free);

void tap_set_policy(struct tap *t, const struct policy *policy);

/* The verdict on the query at work is more than to allow it. */
void tap_verdict(struct tap *t, const struct verdict *verdict, uint64_t reference);

/* One query, as far as it has come. */
struct tap_query {
	const struct dns_query *query;
	const struct address *client;
	enum dns_transport transport;
	enum tap_source source; /* TAP_FROM_UPSTREAM: it was told before, with an empty answer */
	int64_t asked_us;       /* steady clock */
	struct view answer;     /* empty: it goes on to the upstream */
};
void tap_tell(struct tap *t, const struct tap_query *q);

/* A message to a server that is forwarded to, or from it: one of `query` and `answer`. */
struct tap_forwarded {
	const struct endpoint *server;
	enum dns_transport over;
	int64_t asked_us; /* steady clock */
	struct view query, answer;
};
void tap_tell_forwarded(struct tap *t, const struct tap_forwarded *f);
