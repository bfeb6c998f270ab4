/* A TCP packet: whose it is, and whether it begins something. */
#include "flow/flow_internal.h"
#include "flow/tcp_bytes.h"
#include "flow/tcp_check.h"
#include "flow/tcp_handshake.h"

static bool is_closing(const struct flow *f)
{
	return f->state >= FLOW_STATE_RELEASED || (f->client.has_fin && f->server.has_fin) ||
	       (!f->server.has_start && f->from_client.count == 0 && !f->is_watched);
}

static struct flow_key key_of(const struct turn *turn, const struct tcp_segment *s)
{
	return (struct flow_key){.client = turn->ip->source,
	                         .server = turn->ip->destination,
	                         .client_port = s->source_port,
	                         .server_port = s->destination_port,
	                         .protocol = FLOW_TCP};
}

/* Of a connection whose beginning was not seen: who opened it. In the path the kernel says who answers; of a copy the
 * lower port is the server's, unless it asks for something. */
static bool is_middle_from_server(const struct turn *turn, const struct flow_key *key,
                                  const struct tcp_segment *s)
{
	if (!is_passive(turn))
		return turn->packet->is_reply;
	return key->client_port < key->server_port && !recogniser_may_begin(s->payload);
}

static bool is_syn(const struct tcp_segment *s)
{
	return (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static void add_flow(struct turn *turn, const struct flow_key *key, const struct tcp_segment *s)
{
	turn->flow = slots_add(&turn->t->table, key, turn->packet->now_us);
	if (!turn->flow) {
		turn_end(turn, turn->t->limits.on_limit, FLOW_WHY_FULL_TABLE);
		return;
	}
	if (!is_syn(s)) {
		turn->flow->is_middle = true;
		return;
	}
	tcp_note_syn(&turn->flow->client, s, turn->ip->hops);
	turn->flow->base = turn->flow->client.start;
}

/* Packets of flows that are not here. Those that say nothing need no slot. */
static void begin(struct turn *turn, struct flow_key *key, const struct tcp_segment *s)
{
	turn->is_from_client = true;
	turn_end(turn, FLOW_PASS, FLOW_WHY_OPENING);
	if (!is_syn(s) && (s->payload.size == 0 || s->flags & (TCP_SYN | TCP_RST))) {
		turn->is_from_client =
			!(s->flags & TCP_SYN) && !is_middle_from_server(turn, key, s);
		return;
	}
	if (turn->packet->is_awaited) {
		turn->is_from_client = !turn->packet->is_reply;
		turn_end(turn, FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
		return;
	}
	if (!is_syn(s) && is_middle_from_server(turn, key, s)) {
		*key = flow_key_turned(key);
		turn->is_from_client = false;
	}
	add_flow(turn, key, s);
	if (!turn->flow)
		return;
	if (is_syn(s) && s->payload.size) {
		struct tcp_segment data = *s;
		data.sequence++;
		tcp_bytes_take(turn, &data);
	} else if (!is_syn(s) && turn->is_from_client) {
		tcp_bytes_take_client(turn, s);
	} else if (!is_syn(s)) {
		/* the server speaks, and what the client asked for is past */
		turn_end_by_limit(turn, FLOW_WHY_MIDDLE);
	}
}

static void go_on_with(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	if (s->flags & TCP_SYN) {
		tcp_handshake_take(turn, s);
		return;
	}
	if (f->state == FLOW_STATE_RELEASED)
		turn_end(turn, FLOW_RELEASE, (enum flow_why)f->why);
	else if (f->state == FLOW_STATE_REFUSED)
		turn_end(turn, FLOW_REFUSE, (enum flow_why)f->why);
	else if (turn->is_from_client)
		tcp_bytes_take_client(turn, s);
	else
		tcp_bytes_take_server(turn, s);
}

static bool is_from_client(const struct flow *f, const struct flow_key *key)
{
	return flow_key_equal(&f->key, key);
}

/* What each end would take next, for who ends the connection: of the client's bytes those without a gap. */
static void set_sequence(struct turn *turn)
{
	struct flow *f = turn->flow;
	struct flow_outcome *o = turn->outcome;
	o->has_sequence = f->client.has_start && (f->server.has_start || turn->has_acknowledged);
	o->server_next = turn->has_acknowledged ? turn->acknowledged : f->server.next;
	o->client_next = f->base;
	if (tcp_is_before(f->client.next, f->base))
		o->client_next = f->client.next;
	if (f->client.has_acked && tcp_is_before(o->client_next, f->client.acked))
		o->client_next = f->client.acked;
	struct held_piece piece;
	bool has_grown = true;
	while (has_grown) {
		uint32_t cursor = 0;
		has_grown = false;
		while (held_next(&f->from_client, &turn->t->table.pool, &cursor, &piece)) {
			uint32_t end = piece.sequence + piece.size;
			if (tcp_is_before(o->client_next, piece.sequence) ||
			    !tcp_is_before(o->client_next, end))
				continue;
			o->client_next = end;
			has_grown = true;
		}
	}
}

/* Whether less than all packets come here, by the kernel's directions: only where they are the flow's. */
static void note_lessened(struct turn *turn)
{
	struct flow *f = turn->flow;
	struct flow_outcome *o = turn->outcome;
	bool lessens = o->action == FLOW_WATCH || o->action == FLOW_AWAIT;
	if (lessens && f->is_turned)
		o->action = FLOW_PASS;
	o->recalls = o->action == FLOW_PASS && (f->is_lessened || f->is_middle);
	f->is_lessened = lessens && !f->is_turned;
}

static unsigned list_of(const struct turn *turn)
{
	if (turn->outcome->action == FLOW_AWAIT)
		return SLOTS_AWAITED;
	return is_closing(turn->flow) ? SLOTS_SHORT : SLOTS_LONG;
}

static void end_turn(struct turn *turn)
{
	struct flow *f = turn->flow;
	note_lessened(turn);
	f->why = (uint8_t)turn->outcome->why;
	turn->outcome->protocol = f->protocol;
	if (is_passive(turn) && f->state >= FLOW_STATE_RELEASED) {
		slots_remove(&turn->t->table, f);
		turn->flow = NULL;
		return;
	}
	if (turn->outcome->action == FLOW_REFUSE || turn->outcome->action == FLOW_RELEASE)
		set_sequence(turn);
	if (f->state >= FLOW_STATE_RELEASED) {
		held_clear(&f->from_client, &turn->t->table.pool);
		held_clear(&f->from_server, &turn->t->table.pool);
	}
	slots_touch(&turn->t->table, f, turn->packet->now_us, list_of(turn));
}

/* Where the answers to both are not captured, a second connection on the same ports is one all the same. */
static bool is_replaced(const struct turn *turn, const struct tcp_segment *s)
{
	const struct flow *f = turn->flow;
	return f && is_passive(turn) && is_syn(s) && turn->is_from_client &&
	       !(f->client.has_syn && f->client.start == s->sequence + 1);
}

/* False: an end host would not look at it. */
static bool is_acceptable(struct turn *turn, const struct tcp_segment *s)
{
	bool is_open = !turn->flow || turn->flow->state < FLOW_STATE_RELEASED;
	if (is_passive(turn))
		return true;
	if (tcp_has_strange_flags(s) || turn->ip->has_route)
		turn_end(turn, FLOW_DROP, FLOW_WHY_STRANGE);
	else if (is_open && !turn->packet->checksum_is_open && !tcp_is_sum_right(turn->ip))
		turn_end(turn, FLOW_DROP, FLOW_WHY_CHECKSUM);
	else
		return true;
	return false;
}

void take_tcp(struct turn *turn)
{
	struct tcp_segment s;
	if (tcp_parse(turn->ip->payload, &s) != OK) {
		turn_end(turn, FLOW_DROP, FLOW_WHY_MALFORMED);
		return;
	}
	struct flow_key key = key_of(turn, &s);
	turn->outcome->key = key;
	turn->outcome->has_key = true;
	turn->flow = slots_find(&turn->t->table, &key);
	turn->is_from_client = !turn->flow || is_from_client(turn->flow, &key);
	turn->has_acknowledged = turn->is_from_client && s.flags & TCP_ACK;
	turn->acknowledged = s.acknowledged;
	if (is_replaced(turn, &s)) {
		slots_remove(&turn->t->table, turn->flow);
		turn->flow = NULL;
	}
	if (turn->flow && turn->is_from_client && turn->packet->is_reply)
		turn->flow->is_turned = true;
	if (is_acceptable(turn, &s)) {
		if (tcp_handshake_begins(turn, &s))
			tcp_handshake_begin(turn, &key, &s);
		else if (turn->flow)
			go_on_with(turn, &s);
		else
			begin(turn, &key, &s);
	}
	if (turn->outcome->action != FLOW_DROP && turn->flow)
		end_turn(turn);
	turn->outcome->is_from_client = turn->is_from_client;
	turn->outcome->key = turn->is_from_client ? key_of(turn, &s) : flow_key_turned(&key);
	if (turn->flow)
		turn->outcome->protocol = turn->flow->protocol;
}
