/* quic_flow.h - what a client says to QUIC servers on one UDP flow, before any of them has answered.
 *
 * What:    quic_flow_client() takes what the client sends, quic_flow_server() what comes back;
 *          quic_flow_hellos() gives every ClientHello that a server could have read so far.
 *          Each DCID that a client begins with is a connection of its own. An Initial is tried with the keys
 *          of every connection, whatever id it bears and of whatever version it is (a server chooses another
 *          id, RFC 9000 s7.2, and maybe another version, RFC 9368), and then with those of its own DCID: that
 *          also covers the client that begins anew after a Retry or a Version Negotiation. Nothing is made of
 *          sizes: an Initial in a datagram under 1200 bytes counts.
 *          Packet numbers are cut short; what they are in full depends on what the server has received.
 *          All that it may have received are tried.
 * Owns:    quic_work: libcrypto's contexts and scratch, one for all flows of a thread. quic_flow is in place
 *          and owns nothing; its room is the caller's, and grows no further. Nothing is allocated after
 *          quic_work_new().
 * Limits:  QUIC_FLOW_CONNECTIONS connections that are not answered: beyond, QUIC_FLOW_WAIT.
 *          QUIC_FLOW_RANGES far groups of packet numbers of each, and the pieces and the room of quic_crypto.h: beyond,
 *          QUIC_FLOW_LIMIT. What is further on than QUIC_CRYPTO_STREAM_MAX is passed over.
 * Threads: one a quic_work; pure.
 * Source:  RFC 9000 s7, s12 and s17, RFC 9001 s5, RFC 9368, RFC 9369. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"
#include "flow/quic_crypto.h"
#include "wire/quic_initial.h"

enum {
	QUIC_FLOW_CONNECTIONS = 4,
	QUIC_FLOW_RANGES = 4,
	QUIC_FLOW_ROOM = 20 * 1024, /* of which 16 KiB of hello and 128 pieces of it fit */
};

struct quic_work;
int quic_work_new(struct quic_work **ret) must_check;
void quic_work_free(struct quic_work *w);
DEFINE_CLEANUP(quic_work, struct quic_work *, quic_work_free);

enum quic_flow_connection_state {
	QUIC_CONNECTION_OPEN,
	QUIC_CONNECTION_ANSWERED, /* the server took its hello, or ended it */
	QUIC_CONNECTION_GONE,     /* the server asked for another one instead */
};

/* Packet numbers that came, with small gaps. */
struct quic_range {
	uint64_t low, high;
};

struct quic_connection {
	uint8_t dcid[QUIC_ID_SIZE_MAX], dcid_size;
	uint8_t state; /* enum quic_flow_connection_state */
	bool is_new;   /* CRYPTO data came since quic_flow_hellos() */
	uint8_t range_count;
	uint32_t version; /* that it began with, and whose keys these are */
	struct quic_keys keys;
	struct quic_range ranges[QUIC_FLOW_RANGES];
	uint64_t server_next; /* packet number */
	uint16_t
		retry_end; /* the server's HelloRetryRequest ends there in its stream; 0: none seen */
};

struct quic_flow {
	struct quic_connection connections[QUIC_FLOW_CONNECTIONS];
	uint8_t count;
	struct quic_crypto crypto;
};

/* `room` is aligned as for a uint64_t. */
void quic_flow_init(struct quic_flow *f, void *room, size_t room_size);

enum quic_flow_news {
	QUIC_FLOW_NONE,      /* it is not QUIC */
	QUIC_FLOW_OLD,       /* QUIC, and nothing new to judge */
	QUIC_FLOW_DATA,      /* more of a hello came: quic_flow_hellos() */
	QUIC_FLOW_VERSION,   /* QUIC of a version that is not known, and nothing that is */
	QUIC_FLOW_MALFORMED, /* an Initial that a server must not accept: drop the datagram */
	QUIC_FLOW_WAIT,      /* it begins one connection too many: drop it, it is sent again */
	QUIC_FLOW_LIMIT, /* more than any client needs; it cannot be known what the server reads */
};
enum quic_flow_news quic_flow_client(struct quic_flow *f, struct quic_work *w,
                                     struct view datagram);

struct quic_hello {
	struct view body; /* of the handshake message: tls_hello_parse() */
	bool is_whole;    /* false: as far as it came */
};
/* Return false to hear of no more. */
typedef bool quic_hello_visitor(void *context, const struct quic_hello *hello);
/* All that is there is new to the next quic_flow_hellos(). */
void quic_flow_again(struct quic_flow *f);
/* Visits the hellos of all readings of the connections that have new data; equal ones may come more than once.
 * OK: some reading has a whole one, and none goes on with part of another. ERR_TRUNCATED: more is needed.
 * ERR_LIMIT: more than `limit` readings. ERR_DENIED: the visitor ended it. ERR_MALFORMED: none can become
 * a hello. */
int quic_flow_hellos(struct quic_flow *f, struct quic_work *w, uint32_t limit,
                     quic_hello_visitor *visit, void *context) must_check;

/* What the server sends. */
void quic_flow_server(struct quic_flow *f, struct quic_work *w, struct view datagram);
/* Whether the server has taken a hello, and no other connection waits: a client cannot go on with one behind
 * another's back. An acknowledgement alone, a Retry, a Version Negotiation and a HelloRetryRequest take none. */
bool quic_flow_is_answered(const struct quic_flow *f);
