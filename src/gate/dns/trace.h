/* trace.h - how the gate would decide one query, step by step, and what it would answer.
 *
 * What:    runs the query through the core itself, with counters, events, limits and counting laid aside, so
 *          that what is shown cannot differ from what is done; and collects what the core looks at. Nothing is
 *          sent, recorded or counted; but an expired answer goes, and one from before a reload is judged anew,
 *          as any query does it.
 * Owns:    nothing. `room` gets the answer as the client would.
 * Threads: the core's. */
#pragma once

#include "gate/dns/cache.h"
#include "gate/dns/core.h"
#include "gate/dns/inspect.h"
#include "policy/explain.h"

/* dns_trace_cache_names[] in the same order. */
enum dns_trace_cache {
	DNS_TRACE_UNASKED, /* decided before */
	DNS_TRACE_MISS,
	DNS_TRACE_HIT,
	DNS_TRACE_STALE,   /* kept over its time, for when the upstream is silent */
	DNS_TRACE_FAILURE, /* it is known that there is no answer */
	DNS_TRACE_CACHES
};
extern const char *const dns_trace_cache_names[DNS_TRACE_CACHES];

struct dns_trace {
	uint32_t place;            /* NONE: not served */
	uint32_t limit_left;       /* answers that a stranger's network could get now */
	struct explanation policy; /* of the name, for who is served */
	enum dns_trace_cache cache;
	struct cache_found kept; /* how old it is */
	bool is_listed; /* something in the answer is: `found` says what this client gets */
	struct inspected found;
	uint32_t keeps_s; /* how long what the upstream said now may be kept */
	int size;         /* of the answer in `room`, DNS_CORE_SILENT or DNS_CORE_ASK */
};

/* Afterwards dns_core_asked() is what the upstream would be asked for; or, where the answer is known already,
 * was asked for. */
void dns_core_trace(struct dns_core *core, const struct dns_query *query, struct dns_client *client,
                    const struct dns_moment *now, uint8_t *room, size_t room_size,
                    struct dns_trace *ret);
/* The same once the upstream has answered that: sets what comes from there on. */
void dns_core_trace_known(struct dns_core *core, const struct known *known,
                          const struct dns_redirect *redirect, const struct dns_query *query,
                          struct dns_client *client, const struct dns_moment *now, uint8_t *room,
                          size_t room_size, struct dns_trace *ret);
