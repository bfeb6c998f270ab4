#include "gate/dns/streams.h"

#include <assert.h>
#include <errno.h>

/* What stands for a server where it calls back. */
struct side {
	struct streams *streams;
	enum dns_transport transport;
	struct stream_server *server;
	struct ssl_ctx_st *tls; /* until there is a server */
	struct tls_tickets tickets;
};

struct streams {
	struct streams_setup setup;
	struct stream_pool pool;
	struct side sides[DNS_TRANSPORTS];
};

static const struct session_kind *const dns_sessions[] = {&session_dns, NULL};
static const struct session_kind *const http_sessions[] = {&session_http2, &session_http1, NULL};

/* clang-format off */
#define COUNTERS(name)                                                                            \
	DNS_##name##_CONNECTIONS,                                                                 \
	{[STREAM_OPENED] = DNS_##name##_OPENED, [STREAM_TURNED_AWAY] = DNS_##name##_TURNED_AWAY,  \
	 [STREAM_IDLE] = DNS_##name##_IDLE, [STREAM_MALFORMED] = DNS_##name##_MALFORMED,          \
	 [STREAM_DISPLACED] = DNS_##name##_DISPLACED, [STREAM_SLOW] = DNS_##name##_SLOW,          \
	 [STREAM_QUERY] = DNS_QUERIES_##name, [STREAM_PROXY_REFUSED] = DNS_PROXY_REFUSED,         \
	 [STREAM_HANDSHAKE] = DNS_HANDSHAKES,                                                     \
	 [STREAM_HANDSHAKE_RESUMED] = DNS_HANDSHAKES_RESUMED,                                     \
	 [STREAM_HANDSHAKE_FAILED] = DNS_HANDSHAKES_FAILED}

/* What a transport speaks, what limits it, and where what happens to it is counted. */
static const struct kind {
	const struct session_kind *const *sessions; /* NULL: it has no connections */
	const char *const *protocols;               /* of TLS; NULL: in the clear */
	size_t limits;                              /* offset of a struct dns_tcp_options */
	bool tells_idle;                            /* clients may ask how long they may be silent */
	enum dns_counter open, counters[STREAM_EVENTS];
} kinds[DNS_TRANSPORTS] = {
	[DNS_OVER_TCP] = {dns_sessions, NULL, offsetof(struct dns_options, tcp), true, COUNTERS(TCP)},
	[DNS_OVER_TLS] = {dns_sessions, tls_protocols_dns, offsetof(struct dns_options, tls.limits), true,
			  COUNTERS(TLS)},
	[DNS_OVER_HTTPS] = {http_sessions, tls_protocols_http, offsetof(struct dns_options, https.limits),
			    false, COUNTERS(HTTPS)},
};
/* clang-format on */

static void on_count(void *context, enum stream_event event)
{
	const struct side *side = context;
	const struct kind *kind = &kinds[side->transport];
	struct dns_stats *stats = side->streams->setup.stats;
	if (event == STREAM_OPENED || event == STREAM_CLOSED)
		dns_count_by(stats, kind->open, event == STREAM_OPENED ? 1 : -1);
	if (event != STREAM_CLOSED)
		dns_count(stats, kind->counters[event]);
}

static int on_query(void *context, const struct stream_peer *peer, uint32_t stream,
                    struct view query, uint8_t room[static SESSION_ANSWER_SIZE_MAX])
{
	const struct side *side = context;
	const struct streams_setup *setup = &side->streams->setup;
	bool tells = kinds[side->transport].tells_idle;
	int64_t idle_us = tells ? stream_server_idle_us(side->server) : 0;
	struct origin origin = {.client = peer->client,
	                        .transport = side->transport,
	                        .connection = peer->connection,
	                        .generation = peer->generation,
	                        .stream = stream,
	                        .idle_us = idle_us};
	struct dns_client client = {
		.address = peer->client, .transport = side->transport, .idle_us = idle_us};
	return setup->query(setup->context, &client, &origin, query, room);
}

static int make_server(struct streams *s, enum dns_transport transport)
{
	const struct dns_options *o = s->setup.options;
	const struct kind *kind = &kinds[transport];
	const void *limits_at = (const char *)o + kind->limits;
	const struct dns_tcp_options *limits = limits_at;
	struct side *side = &s->sides[transport];
	if (kind->protocols && !side->tls)
		return ERR_MISSING;
	struct stream_setup setup = {
		.loop = s->setup.loop,
		.connections_max = (uint32_t)limits->connections_max,
		.connections_per_client = (uint32_t)limits->connections_per_client,
		.idle_us = limits->idle_us,
		.seed = s->setup.seed,
		.kinds = kind->sessions,
		.path = view_text(o->https.path),
		.tls = take_ptr(side->tls),
		.pool = &s->pool,
		.proxies = {o->proxy.from.items, o->proxy.from.count},
		.query = on_query,
		.count = on_count,
		.context = side,
	};
	return stream_server_new(&setup, &side->server);
}

int streams_new(const struct streams_setup *setup, struct streams **ret)
{
	struct streams *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->setup = *setup;
	s->pool.connections_max = setup->connections_max;
	for (unsigned i = 0; i < DNS_TRANSPORTS; i++) {
		struct side *side = &s->sides[i];
		*side = (struct side){.streams = s, .transport = (enum dns_transport)i};
		tls_tickets_init(&side->tickets, setup->ticket_seed, setup->start_us);
	}
	*ret = s;
	return OK;
}

int streams_make_tls(struct streams *s, enum dns_transport transport, struct view pem,
                     struct ssl_ctx_st **ret)
{
	assert(kinds[transport].protocols);
	return tls_context_new(pem, kinds[transport].protocols, &s->sides[transport].tickets, ret);
}

void streams_set_tls(struct streams *s, enum dns_transport transport, struct ssl_ctx_st *tls)
{
	struct side *side = &s->sides[transport];
	if (side->server) {
		stream_server_set_tls(side->server, tls);
		return;
	}
	tls_context_free(side->tls);
	side->tls = tls;
}

int streams_listen(struct streams *s, int fd, enum dns_transport transport)
{
	assert(kinds[transport].sessions);
	int r = s->sides[transport].server ? OK : make_server(s, transport);
	return r < 0 ? r : stream_server_listen(s->sides[transport].server, fd);
}

void streams_answer(struct streams *s, const struct origin *origin, struct view answer)
{
	stream_server_answer(s->sides[origin->transport].server, origin->connection,
	                     origin->generation, origin->stream, answer);
}

void streams_close(struct streams *s)
{
	for (unsigned i = 0; s && i < DNS_TRANSPORTS; i++)
		stream_server_close(s->sides[i].server);
}

void streams_free(struct streams *s)
{
	for (unsigned i = 0; s && i < DNS_TRANSPORTS; i++) {
		tls_context_free(s->sides[i].tls);
		tls_tickets_done(&s->sides[i].tickets);
	}
	free(s);
}
