/* tcp.h - DNS over TCP: framing, pipelining and limits.
 *
 * What:    queries of one connection are answered as they become ready, in any order. A connection whose
 *          client does not read its answers, or has too many questions under way, is not read from until
 *          that is over.
 * Limits:  TCP_QUERY_SIZE_MAX bytes a query (a longer one ends the connection), TCP_WAITING_MAX questions
 *          under way and TCP_QUEUE_SIZE_MAX bytes of unread answers a connection; connections in all and
 *          by client as configured, over which a connection is closed at once.
 * Life:    tcp_server_close(), then the loop must run once more, which frees it.
 * Threads: one.
 * Source:  RFC 7766, RFC 1035 s4.2.2. */
#pragma once

#include <uv.h>

#include "base/address.h"
#include "base/err.h"
#include "base/view.h"
#include "gate/dns/options.h"
#include "gate/dns/stats.h"

enum {
	TCP_QUERY_SIZE_MAX = 16 * 1024,
	TCP_ANSWER_SIZE_MAX = 65535,
	TCP_WAITING_MAX = 64,
	TCP_QUEUE_SIZE_MAX = 256 * 1024,
};

/* A connection, for an answer that comes later. */
struct tcp_peer {
	struct address client;
	uint32_t connection, generation;
};

enum { TCP_LATER = -1 };

/* Answers a query: the size of what is in `room`, 0 for nothing, or TCP_LATER. */
typedef int tcp_query_fn(void *context, const struct tcp_peer *peer, struct view query,
                         uint8_t room[static TCP_ANSWER_SIZE_MAX]);

struct tcp_setup {
	uv_loop_t *loop;
	const struct dns_tcp_options *options;
	struct dns_stats *stats;
	tcp_query_fn *query;
	void *context;
};

struct tcp_server;

int tcp_server_new(const struct tcp_setup *setup, struct tcp_server **ret) must_check;
/* Takes connections from a bound socket; a duplicate of it is used, `fd` stays the caller's. */
int tcp_server_listen(struct tcp_server *s, int fd) must_check;
/* Sends an answer promised by TCP_LATER, or with an empty one ends the waiting. A connection that is gone
 * is no error. */
void tcp_server_answer(struct tcp_server *s, uint32_t connection, uint32_t generation,
                       struct view answer);
void tcp_server_close(struct tcp_server *s);
