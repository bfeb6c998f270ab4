/* flow_internal.h - what the files behind flow.h share. */
#pragma once

#include "flow/flow.h"
#include "flow/fragment.h"
#include "flow/readings.h"
#include "flow/slots.h"
#include "wire/ip.h"
#include "wire/tcp.h"

enum { FLOW_HELLO_SIZE_MAX = 64 * 1024 };

struct flow_table {
	struct flow_limits limits;
	struct flow_judge judge;
	struct slots table;
	struct fragments fragments;
	struct udp_rooms *udp;
	/* for what is under way in one call */
	struct reading_piece pieces[READING_PIECES_MAX];
	uint8_t *pieces_room;  /* held pieces, each in one part */
	uint8_t *reading_room; /* one reading */
	uint8_t *message_room; /* a message that lies in many records */
	struct http2_room *heads;
	size_t pieces_room_size, room_size;
};

/* One packet on its way. */
struct turn {
	struct flow_table *t;
	const struct flow_packet *packet;
	const struct ip_packet *ip;
	struct flow_outcome *outcome;
	struct flow *flow; /* NULL: none */
	bool is_from_client;
	bool has_acknowledged; /* TCP */
	uint32_t acknowledged;
};

void take_tcp(struct turn *turn);
void take_udp(struct turn *turn);
int udp_init(struct flow_table *t) must_check;
void udp_done(struct flow_table *t);
/* Called by the table for a flow that it forgets. */
void udp_forget(void *table, struct flow *f);
size_t udp_held(const struct flow_table *t);
size_t udp_held_max(const struct flow_table *t);

static inline bool is_passive(const struct turn *turn)
{
	return turn->t->limits.is_passive;
}

static inline void turn_end(struct turn *turn, enum flow_action action, enum flow_why why)
{
	turn->outcome->action = action;
	turn->outcome->why = why;
}

/* The flow ends as a limit wants it; `why` is one of FLOW_WHY_LIMIT_ and FLOW_WHY_FULL_. What it said so far is judged
 * before it is released. */
void turn_end_by_limit(struct turn *turn, enum flow_why why);
/* Released or refused: its bytes are forgotten, and packets of it that are still under way meet the same. */
void turn_end_flow(struct turn *turn, enum flow_action action, enum flow_why why);

/* Of a flow that is forgotten: judges what it said in part, which nothing will complete. Passive tables. */
void turn_hear_rest(struct flow_table *t, struct flow *f);

/* Judges what the client said, in every reading of held pieces and of `now` (may be empty), and ends the turn
 * unless it returns true: all is judged, or part of a message is still to come. */
bool turn_hear(struct turn *turn, uint32_t sequence, struct view now);
/* The judge's word on one claim; false: refused. Does not ask again what it allowed this flow before. */
bool turn_claim(struct turn *turn, const struct flow_claim *claim);
/* On a claim that names nobody, where nothing was judged yet. False: refused, and the turn ended. */
bool turn_claim_nobody(struct turn *turn);
