/* stream.h - a server of connections: accepts, limits, reads, writes, and closes what is idle.
 *
 * What:    each connection speaks one kind of session, in the clear or over TLS, and first, if it comes from
 *          a proxy that is listed, says for whom it is (wire/proxy2.h). Its queries are answered as they become ready, in
 *          any order. One whose client does not read its answers, or has too many questions under way, is
 *          not read from until that is over. A client that has sent its last byte and shut its side down
 *          still gets its answers. What one read brings is answered in one write.
 * Limits:  connections by client, over which a new one is closed at once, and in all, over which the one
 *          that was silent for longest makes room for it (stream_pool.h); STREAM_WAITING_MAX questions under way and STREAM_QUEUE_SIZE_MAX bytes of unread answers a connection; a
 *          connection is idle, and closed, when no whole query came and no answer left for the idle time,
 *          so slow senders do not hold it. That time shrinks as places run out, its own or the
 *          pool's: stream_server_idle_us().
 * Memory:  a connection on which nothing is under way has no buffer: it costs its struct, below 1 KiB, and
 *          what OpenSSL and nghttp2 need.
 * Life:    stream_server_close(), then the loop must run once more, which frees it.
 * Threads: one.
 * Source:  RFC 7766 s6 and s7. */
#pragma once

#include <uv.h>

#include "base/address.h"
#include "base/endpoint.h"
#include "base/err.h"
#include "base/view.h"
#include "net/proxies.h"
#include "net/session.h"
#include "net/stream_pool.h"
#include "net/tls.h"

enum {
	STREAM_WAITING_MAX = 128,
	STREAM_QUEUE_SIZE_MAX = 256 * 1024,
};

/* A connection, for an answer that comes later. */
struct stream_peer {
	struct address client;
	uint32_t connection, generation;
};

/* What is worth counting. */
enum stream_event {
	STREAM_OPENED,
	STREAM_CLOSED, /* of those that were opened */
	STREAM_TURNED_AWAY,
	STREAM_IDLE,
	STREAM_DISPLACED, /* closed for a new one */
	STREAM_SLOW,      /* closed for the bytes that it and others left unread or unfinished */
	STREAM_MALFORMED,
	STREAM_QUERY,
	STREAM_PROXY_REFUSED, /* a proxy did not say for whom it asks */
	STREAM_HANDSHAKE,
	STREAM_HANDSHAKE_RESUMED, /* of those */
	STREAM_HANDSHAKE_FAILED,
	STREAM_EVENTS
};

/* As the query of a struct session_host. */
typedef int stream_query_fn(void *context, const struct stream_peer *peer, uint32_t stream,
                            struct view query, uint8_t room[static SESSION_ANSWER_SIZE_MAX]);
typedef void stream_count_fn(void *context, enum stream_event event);
typedef bool stream_admit_fn(void *context, const struct endpoint *from);

struct stream_setup {
	uv_loop_t *loop;
	uint32_t connections_max, connections_per_client;
	int64_t idle_us;
	uint64_t seed;
	/* Those that clients may agree on by name (ALPN); else the last one. Ends with NULL. */
	const struct session_kind *const *kinds;
	struct view path;         /* of HTTP */
	struct ssl_ctx_st *tls;   /* taken, also on failure; NULL: in the clear */
	struct stream_pool *pool; /* of the thread; borrowed; NULL: it has one of its own */
	struct proxies proxies;   /* who must say for whom a connection is; nobody else may */
	stream_admit_fn *admits;  /* who may connect at all; NULL: everybody */
	stream_query_fn *query;
	stream_count_fn *count;
	void *context;
};

struct stream_server;

/* -ENOMEM. */
int stream_server_new(const struct stream_setup *setup, struct stream_server **ret) must_check;
/* Takes connections from a bound socket; a duplicate of it is used, `fd` stays the caller's. */
int stream_server_listen(struct stream_server *s, int fd) must_check;
/* Sends an answer promised by SESSION_LATER, or with an empty one ends the waiting. A connection that is
 * gone is no error. */
void stream_server_answer(struct stream_server *s, uint32_t connection, uint32_t generation,
                          uint32_t stream, struct view answer);
/* New connections get this certificate; those that there are keep theirs. Takes it. */
void stream_server_set_tls(struct stream_server *s, struct ssl_ctx_st *tls);
/* How long a connection may be idle now. */
int64_t stream_server_idle_us(const struct stream_server *s);
/* NULL is fine. */
void stream_server_close(struct stream_server *s);
