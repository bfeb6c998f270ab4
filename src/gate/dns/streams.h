/* streams.h - DNS over connections: a server for each such transport, one set a worker.
 *
 * Life:    streams_close(), then the loop must run once more, which frees what the loop has, then
 *          streams_free().
 * Threads: one, but for streams_make_tls(), which any may call.
 * To add a transport: a row in kinds[] of streams.c. */
#pragma once

#include "base/cleanup.h"
#include "gate/dns/core.h"
#include "gate/dns/pending.h"
#include "net/stream.h"

/* Answers a query of `client`: the size of the answer in `room`, 0 for none, or SESSION_LATER; then
 * streams_answer() is called with the same origin. */
typedef int streams_query_fn(void *context, struct dns_client *client, const struct origin *origin,
                             struct view packet, uint8_t room[static SESSION_ANSWER_SIZE_MAX]);

struct streams_setup {
	uv_loop_t *loop;
	const struct dns_options *options;
	struct dns_stats *stats;
	uint64_t seed;
	uint32_t connections_max;                  /* of all transports together */
	uint8_t ticket_seed[TLS_TICKET_SEED_SIZE]; /* with `start_us`, the same for all workers */
	int64_t start_us;
	streams_query_fn *query;
	void *context;
};

struct streams;

/* -ENOMEM. */
int streams_new(const struct streams_setup *setup, struct streams **ret) must_check;
/* What the transport's certificate is used by; as tls_context_new(). Given to streams_set_tls(). */
int streams_make_tls(struct streams *s, enum dns_transport transport, struct view pem,
                     struct ssl_ctx_st **ret) must_check;
/* New connections of the transport use it. Takes it. */
void streams_set_tls(struct streams *s, enum dns_transport transport, struct ssl_ctx_st *tls);
/* As stream_server_listen(); not for DNS_OVER_UDP. ERR_MISSING without a certificate where one is needed. */
int streams_listen(struct streams *s, int fd, enum dns_transport transport) must_check;
/* As stream_server_answer(). */
void streams_answer(struct streams *s, const struct origin *origin, struct view answer);
/* NULL is fine, for both. */
void streams_close(struct streams *s);
void streams_free(struct streams *s);
