/* flow.h - packets in, out what their flows ask for: the table of flows that are not judged yet.
 *
 * What:    flow_take() is given every packet of both directions, from its IP header on, until the flow is
 *          released. It says what is to become of the packet, and asks the judge about everything that the
 *          client may have said, in every reading that some end host could have of the bytes.
 *          A flow is held here only until it is judged; a kernel's connection mark carries the rest.
 * Owns:    flow_table_new() allocates all: slots, and a pool of held bytes. Nothing later does.
 *          A packet that is neither acceptable to an end host nor needed is dropped; of the others nothing is
 *          delayed: the piece that completes a refused message is what its server never gets.
 * Limits:  struct flow_limits; what happens at each is in enum flow_why, and counted.
 * Threads: one a table. Pure: time is an argument, and may stand still or run back.
 * Source:  RFC 9293, RFC 7323, RFC 8446, RFC 9000, RFC 9001, RFC 9369, RFC 9112, RFC 9113.
 *
 * To add a protocol to recognise: wire/x.[ch], one row in recognisers[] (recogniser.c), fuzz_x.c with its
 * corpus, one golden case. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"
#include "flow/flow_key.h"

enum flow_protocol {
	FLOW_UNKNOWN, /* nothing that is known here; names nobody */
	FLOW_TLS,
	FLOW_QUIC,
	FLOW_HTTP,  /* HTTP/1.x in the clear */
	FLOW_HTTP2, /* in the clear */
	FLOW_DNS,
	FLOW_PROTOCOLS
};
extern const char *const flow_protocol_names[]; /* "unknown" "tls" "quic" "http" "http2" "dns" */

enum { FLOW_JA4_SIZE = 37 };

/* One thing that the client says it wants. Views live as long as the call of the judge. */
struct flow_claim {
	enum flow_protocol protocol;
	struct view
		name; /* letters as on the wire, without port and last dot; empty: it names nobody */
	struct view alpn; /* the first one offered; empty: none */
	bool has_ech;     /* an Encrypted Client Hello, or a decoy of one */
	struct view
		message; /* the body of the ClientHello, the head of the request, the DNS query: for who answers it */
};

/* The client's fingerprint, of a claim by TLS or QUIC with a whole hello; false: there is none. */
bool flow_claim_ja4(const struct flow_claim *claim, char ret[static FLOW_JA4_SIZE]);

enum flow_ruling { FLOW_ALLOWED, FLOW_REFUSED };

/* Called within flow_take(), at least once a flow before it is released: where nothing was recognised
 * with FLOW_UNKNOWN and no name. */
struct flow_judge {
	enum flow_ruling (*judge)(void *context, const struct flow_key *key,
	                          const struct flow_claim *claim);
	void *context;
};

enum flow_action {
	FLOW_PASS,    /* forward it; the flow's next packets, of both sides, must come here */
	FLOW_RELEASE, /* forward it; nothing of the flow need come here again */
	/* forward it; only what the client sends must come here, until a FLOW_PASS asks for both again: the
	 * next request on the connection is judged, and the server has to show that it came */
	FLOW_WATCH,
	/* forward it; of the flow's next packets must come here what the client sends with bytes, and what the server
	 * sends with bytes; but when those begin with a ServerHello that is no HelloRetryRequest, nothing any more */
	FLOW_AWAIT,
	FLOW_DROP,   /* to nobody; the flow goes on. With FLOW_WHY_RULED: one DNS query over UDP */
	FLOW_REFUSE, /* to nobody, nor anything of the flow from here on */
};

/* Why an action is what it is. flow_why_rows[] in why.c names and explains each; they are the counters. */
enum flow_why {
	FLOW_WHY_OPENING, /* pass: nothing to judge yet */
	FLOW_WHY_PART,    /* pass: part of what is to be judged */
	FLOW_WHY_WAITING, /* pass: judged, but the server has not shown that it heard the same */
	FLOW_WHY_JUDGED,  /* release, watch */
	FLOW_WHY_RULED, /* refuse; drop for a DNS query over UDP, whose socket may ask others: the judge did */
	FLOW_WHY_NOT_JUDGED, /* release: a protocol that is none of ours (not TCP, not UDP) */
	FLOW_WHY_MALFORMED,  /* drop: no end host would accept it */
	FLOW_WHY_CHECKSUM,   /* drop */
	FLOW_WHY_WINDOW,     /* drop: outside what the other end can accept */
	FLOW_WHY_OLD,        /* drop: an old timestamp */
	FLOW_WHY_STRANGE,    /* drop: such as an MD5 signature that was not agreed on, no ACK */
	FLOW_WHY_TTL,        /* drop: fewer hops left than the flow's first packet, seen once */
	FLOW_WHY_FRAGMENT,   /* pass or drop: a fragment, whose datagram is put together here */
	FLOW_WHY_AMBIGUOUS,  /* refuse: more readings or names than can be judged */
	FLOW_WHY_LIMIT_BYTES, /* as limits.on_limit: more than limits.hello_size before it named anybody */
	FLOW_WHY_LIMIT_PACKETS, /* as limits.on_limit */
	FLOW_WHY_LIMIT_TIME,    /* as limits.on_limit */
	FLOW_WHY_FULL_TABLE,    /* as limits.on_limit: no slot for a new flow */
	FLOW_WHY_FULL_POOL,     /* as limits.on_limit: no room to hold bytes */
	FLOW_WHY_MIDDLE, /* as limits.on_middle: its beginning was not seen, and what it says is not known */
	FLOW_WHYS
};
struct flow_why_row {
	const char *name, *help;
};
extern const struct flow_why_row flow_why_rows[FLOW_WHYS];

struct flow_limits {
	uint32_t flows;      /* slots */
	size_t held_bytes;   /* of all flows together */
	uint32_t hello_size; /* of one flow's first bytes (16 KiB) */
	uint32_t packets;    /* of a client before it is judged that bring no new bytes (32) */
	int64_t judge_us;    /* from its first bytes to the verdict (10 s) */
	int64_t idle_us;     /* a flow of which nothing comes is forgotten */
	uint32_t readings;   /* judged of one flow at a time (256) */
	enum flow_action on_limit;  /* FLOW_RELEASE or FLOW_REFUSE */
	enum flow_action on_middle; /* FLOW_RELEASE or FLOW_REFUSE */
	/* The packets are a copy: none can be kept from an end host and none is sent again for us, some are missing, and
	 * one direction may be. Whatever was captured is read, no answer is awaited, and a flow is forgotten with its
	 * release: the caller keeps apart what was released. Both rules above are FLOW_RELEASE. */
	bool is_passive;
};

struct flow_packet {
	struct view bytes;     /* from the IP header on */
	int64_t now_us;        /* of a clock that need not be right, only steady */
	bool checksum_is_open; /* the sender's card or kernel has yet to write it: do not look at it */
	bool is_whole;         /* fragments were put together before it came here */
	/* The kernel follows the connection, and this was sent by the end that did not open it. Then what bears no bytes need
	 * not come here: a SYN, a segment that only acknowledges. False: so it is not, or nobody knows. */
	bool is_reply;
	/* What FLOW_AWAIT was for has not come yet. Where the flow is not known here any more it is refused: what the server
	 * has had of the client cannot be told. */
	bool is_awaited;
};

/* What became of a packet. */
struct flow_outcome {
	enum flow_action action;
	enum flow_why why;
	bool is_from_client;
	bool recalls; /* FLOW_PASS: before, less had to come here than all of the flow's packets */
	bool has_key; /* `key` is set: false for what is no TCP or UDP */
	struct flow_key key;
	enum flow_protocol protocol;
	/* TCP: what each side would send next, for who has to end it. Valid where `has_sequence`. */
	bool has_sequence;
	uint32_t client_next, server_next;
};

struct flow_table;

int flow_table_new(const struct flow_limits *limits, uint64_t seed, const struct flow_judge *judge,
                   struct flow_table **ret) must_check;
void flow_table_free(struct flow_table *t);
DEFINE_CLEANUP(flow_table, struct flow_table *, flow_table_free);

/* Never fails: whatever the packet is, there is an outcome. */
struct flow_outcome flow_take(struct flow_table *t, const struct flow_packet *p);
/* Forgets what is idle, a bounded number a call; call it a few times a second. A flow that ran out of
 * time meets its rule when its next packet comes. */
void flow_tick(struct flow_table *t, int64_t now_us);

/* No packet follows: what flows said in part is judged, as where a limit is reached, and all are forgotten. Only for
 * passive tables, whose flows are heard so when they are idle, too. */
void flow_finish(struct flow_table *t);

/* Flows without those of FLOW_AWAIT, which may be over: they give way where there is no room. */
struct flow_table_state {
	uint32_t flows, flows_max;
	size_t held, held_max;
};
struct flow_table_state flow_table_state(const struct flow_table *t);

/* One flow under judgement, for who wants to look. */
struct flow_row {
	struct flow_key key;
	enum flow_protocol protocol;
	enum flow_why why; /* what its last packet met */
	int64_t since_us, last_us;
	uint32_t packets, held;
};
/* Calls `each` for slots from *cursor on, at most `count` of them, and moves the cursor; false when it has
 * been at all. */
bool flow_table_walk(const struct flow_table *t, uint32_t *cursor, uint32_t count,
                     void (*each)(void *context, const struct flow_row *row), void *context);
