/* forwarder.h - asks other resolvers, each question the one that answers best.
 *
 * What:    by UDP, TCP or TLS. A question that is not answered within the server's usual time goes to the
 *          next one as well, and the first good answer counts. What says the wrong id, port, question or
 *          letters is no answer. Answers are not validated, but cut to what belongs to the question.
 * Owns:    its sockets and tables. forwarder_free() ends what is under way without answers; the loop must
 *          run once more afterwards.
 * Limits:  tokens are below `tokens_max`, one question a token at a time; FORWARD_SERVERS_MAX servers,
 *          HEALTH_GROUP_MAX in a group; FORWARD_TRIES_MAX packets for a question.
 * Threads: one.
 *
 *	forward_udp, forward_stream (forward_tls)   the ways to one server
 *	upstream_health    which server
 *	upstream_message   what is sent, and what an answer is worth
 *	upstream_ids       which question an answer is of
 *	wheel              when it is too late */
#pragma once

#include "base/cleanup.h"
#include "gate/dns/resolver.h"
#include "gate/dns/stats.h"
#include "gate/dns/upstream.h"
#include "gate/dns/upstream_health.h"

enum { FORWARD_SERVERS_MAX = 256, FORWARD_TRIES_MAX = 10 };

/* Servers that know the same: rows of `servers`. */
struct forward_group {
	size_t count;
	uint16_t members[HEALTH_GROUP_MAX];
};

struct tap;

struct forwarder_setup {
	uv_loop_t *loop;
	const struct upstream *servers;
	size_t server_count;
	const struct forward_group *groups;
	uint32_t tokens_max;
	int64_t timeout_us;
	uint32_t ttl_max_s; /* of records in answers */
	bool random_case;
	const char *ca_file; /* NULL: the system's */
	struct dns_stats *stats;
	struct tap *tap;       /* or NULL */
	resolver_fn *answered; /* never from within forwarder_ask() */
	void *context;
};

struct forwarder;

/* What one server was asked and said, while somebody looks on. */
struct forward_counts {
	uint64_t queries; /* packets: a question may need several */
	uint64_t answers; /* of any kind */
	uint64_t
		failures; /* SERVFAIL and its like among these, nonsense, closed ports, broken connections */
	uint64_t late;   /* not within its usual time; what came later is among the answers */
	int64_t took_us; /* all answers together */
};

/* -ENOMEM, -errno; ERR_INVALID when `ca_file` has no certificates. What `setup` points to outlives it. */
int forwarder_new(const struct forwarder_setup *setup, struct forwarder **ret) must_check;
void forwarder_free(struct forwarder *f);
DEFINE_CLEANUP(forwarder, struct forwarder *, forwarder_free);

/* Counts anew from here until then, on the steady clock. */
void forwarder_watch(struct forwarder *f, int64_t until_us);
/* Of each of the servers, in their order. */
const struct forward_counts *forwarder_counts(const struct forwarder *f);

/* What is asked, and of whom. */
struct forward_ask {
	unsigned group;
	const struct dname *name;
	uint16_t type;
	bool is_unchecked; /* CD: who asks checks the signatures */
	uint32_t avoided;  /* places of the group that are asked when all others were */
};

/* Goes out with the others of this turn of the loop. */
void forwarder_ask(struct forwarder *f, const struct forward_ask *what, uint32_t token);
