/* flow_world.h - a flow table between a client and a server that exist only in a test. */
#pragma once

#include "flow/flow.h"
#include "tests/hellos.h"
#include "tests/packets.h"

enum { CLIENT_START = 1000, SERVER_START = 5000, WORLD_HELLO_SIZE = 16 * 1024 };

struct world {
	struct flow_table *table;
	int64_t now_us;
	unsigned judged, refused, unknown;
	bool is_followed,
		is_awaited; /* what the kernel says of a packet: who answers; and struct flow_packet */
	char last[256];
	enum flow_protocol protocol;
	struct flow_outcome outcome;
	struct packet_text defaults;
	uint8_t packet[PACKET_ROOM];
};

/* Names with "bad" in them are refused. */
static inline enum flow_ruling world_judge(void *context, const struct flow_key *key,
                                           const struct flow_claim *claim)
{
	struct world *w = context;
	(void)key;
	w->judged++;
	w->protocol = claim->protocol;
	w->unknown += claim->protocol == FLOW_UNKNOWN;
	size_t size = claim->name.size < sizeof(w->last) ? claim->name.size : sizeof(w->last) - 1;
	if (size)
		memcpy(w->last, claim->name.bytes, size);
	w->last[size] = '\0';
	bool is_bad = memmem(w->last, size, "bad", 3) != NULL;
	w->refused += is_bad;
	return is_bad ? FLOW_REFUSED : FLOW_ALLOWED;
}

static inline struct flow_limits world_limits(void)
{
	return (struct flow_limits){.flows = 64,
	                            .held_bytes = 1024 * 1024,
	                            .hello_size = WORLD_HELLO_SIZE,
	                            .packets = 32,
	                            .judge_us = 10 * 1000 * 1000,
	                            .idle_us = 60 * 1000 * 1000,
	                            .readings = 256,
	                            .on_limit = FLOW_REFUSE,
	                            .on_middle = FLOW_RELEASE};
}

static inline void world_open(struct world *w, const struct flow_limits *limits)
{
	memset(w, 0, sizeof(*w));
	w->now_us = 1000000;
	struct flow_judge judge = {world_judge, w};
	int r = flow_table_new(limits, 7, &judge, &w->table);
	assert(r == OK);
}

static inline void world_close(struct world *w)
{
	flow_table_free(w->table);
}

static inline enum flow_action world_take_of(struct world *w, struct view packet, bool is_reply)
{
	struct flow_packet p = {.bytes = packet,
	                        .now_us = w->now_us += 1000,
	                        .is_reply = is_reply && w->is_followed,
	                        .is_awaited = w->is_awaited};
	w->outcome = flow_take(w->table, &p);
	return w->outcome.action;
}

static inline enum flow_action world_take(struct world *w, struct view packet)
{
	return world_take_of(w, packet, false);
}

static inline enum flow_action world_tcp(struct world *w, const struct packet_text *t)
{
	return world_take_of(w, packet_tcp(t, w->packet), t->is_reply);
}

/* Of the client's stream, from `offset` on. */
static inline enum flow_action world_client(struct world *w, uint32_t offset, struct view bytes)
{
	struct packet_text t = w->defaults;
	t.flags = TCP_ACK | TCP_PSH;
	t.sequence = CLIENT_START + 1 + offset;
	t.acknowledged = SERVER_START + 1;
	t.payload = bytes;
	return world_tcp(w, &t);
}

/* Of the server's stream; it has `acked` bytes of the client. */
static inline enum flow_action world_server(struct world *w, uint32_t offset, struct view bytes,
                                            uint32_t acked)
{
	struct packet_text t = w->defaults;
	t.is_reply = true;
	t.flags = TCP_ACK;
	t.sequence = SERVER_START + 1 + offset;
	t.acknowledged = CLIENT_START + 1 + acked;
	t.payload = bytes;
	return world_tcp(w, &t);
}

/* Where the kernel knows who answers, nothing else of a handshake comes. */
static inline void world_answer_syn(struct world *w)
{
	struct packet_text t = w->defaults;
	w->is_followed = true;
	t.is_reply = true;
	t.flags = TCP_SYN | TCP_ACK;
	t.sequence = SERVER_START;
	t.acknowledged = CLIENT_START + 1;
	world_tcp(w, &t);
}

static inline void world_handshake(struct world *w)
{
	struct packet_text t = w->defaults;
	t.flags = TCP_SYN;
	t.sequence = CLIENT_START;
	world_tcp(w, &t);
	t.is_reply = true;
	t.flags = TCP_SYN | TCP_ACK;
	t.sequence = SERVER_START;
	t.acknowledged = CLIENT_START + 1;
	world_tcp(w, &t);
	world_client(w, 0, view_of(NULL, 0));
}

/* What became of the last packet; the world of a test program is its `w`. */
#define assert_took(action_, why_)                           \
	do {                                                 \
		assert_int_equal(w.outcome.action, action_); \
		assert_int_equal(w.outcome.why, why_);       \
	} while (0)
