#include "flow/tcp_handshake.h"

#include "flow/tcp_answer.h"
#include "flow/tcp_bytes.h"
#include "flow/tcp_check.h"

static struct tcp_side *side_of(struct flow *f, bool client)
{
	return client ? &f->client : &f->server;
}

/* What was found out of the flow stays as it is. */
static void end_as_before(struct turn *turn)
{
	const struct flow *f = turn->flow;
	if (f->state == FLOW_STATE_RELEASED)
		turn_end(turn, FLOW_RELEASE, (enum flow_why)f->why);
	else if (f->state == FLOW_STATE_REFUSED)
		turn_end(turn, FLOW_REFUSE, (enum flow_why)f->why);
	else
		turn_end(turn, FLOW_PASS, FLOW_WHY_OPENING);
}

static void note_candidate(struct turn *turn, const struct tcp_segment *s)
{
	turn->flow->candidate = (struct tcp_candidate){.sequence = s->sequence,
	                                               .timestamp = s->timestamp,
	                                               .scale = s->scale,
	                                               .hops = turn->ip->hops,
	                                               .is_there = true,
	                                               .is_from_client = turn->is_from_client,
	                                               .has_scale = s->has_scale,
	                                               .has_timestamp = s->has_timestamp,
	                                               .has_md5 = s->has_md5 || s->has_ao};
}

static void take_syn(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	struct tcp_side *from = side_of(f, turn->is_from_client);
	if (from->has_syn && from->start == s->sequence + 1) {
		end_as_before(turn);
		if (f->state < FLOW_STATE_RELEASED && turn->is_from_client && s->payload.size) {
			struct tcp_segment data = *s;
			data.sequence++;
			tcp_bytes_take(turn, &data);
		}
		return;
	}
	/* what it brings is read when it is sent again, without the SYN */
	if (s->payload.size) {
		turn_end(turn, FLOW_DROP, FLOW_WHY_STRANGE);
		return;
	}
	turn_end(turn, FLOW_PASS, FLOW_WHY_OPENING);
	bool is_simultaneous = !turn->is_from_client && f->client.has_syn && !f->server.has_start;
	if (is_simultaneous && f->state == FLOW_STATE_OPEN)
		tcp_note_syn(&f->server, s, turn->ip->hops);
	else
		note_candidate(turn, s);
}

/* A new connection in place of this one, which may be the other way round. */
static void begin_anew(struct turn *turn)
{
	struct flow *f = turn->flow;
	struct tcp_candidate c = f->candidate;
	struct flow_key key = c.is_from_client ? f->key : flow_key_turned(&f->key);
	slots_remove(&turn->t->table, f);
	f = turn->flow = slots_add(&turn->t->table, &key, turn->packet->now_us);
	f->base = c.sequence + 1;
	f->client = (struct tcp_side){.start = f->base,
	                              .next = f->base,
	                              .timestamp = c.timestamp,
	                              .scale = c.scale,
	                              .hops = c.hops,
	                              .has_start = true,
	                              .has_syn = true,
	                              .has_scale = c.has_scale,
	                              .has_timestamp = c.has_timestamp,
	                              .has_md5 = c.has_md5};
	turn->is_from_client = false;
}

static bool is_for_candidate(const struct turn *turn, const struct tcp_segment *s)
{
	const struct tcp_candidate *c = &turn->flow->candidate;
	return c->is_there && c->is_from_client != turn->is_from_client &&
	       s->acknowledged == c->sequence + 1;
}

static bool is_for(const struct tcp_side *to, const struct tcp_segment *s)
{
	return to->has_syn && !tcp_is_before(s->acknowledged, to->start) &&
	       !tcp_is_before(to->next, s->acknowledged);
}

static void take_syn_ack(struct turn *turn, const struct tcp_segment *s)
{
	if (is_for_candidate(turn, s))
		begin_anew(turn);
	struct flow *f = turn->flow;
	end_as_before(turn);
	struct tcp_side *from = side_of(f, turn->is_from_client);
	struct tcp_side *to = side_of(f, !turn->is_from_client);
	if (f->state >= FLOW_STATE_RELEASED || !is_for(to, s))
		return;
	/* until its bytes are acknowledged an end may still answer with another number */
	if (!turn->is_from_client && (!from->has_syn || !from->has_acked))
		tcp_note_syn(from, s, turn->ip->hops);
	struct tcp_segment behind = *s;
	behind.sequence++;
	tcp_note(from, to, &behind);
	if (s->payload.size && !turn->is_from_client)
		tcp_answer_note(turn, &behind);
}

static bool is_answer_of(const struct flow *f, const struct tcp_segment *s)
{
	if (f->is_middle || f->state >= FLOW_STATE_RELEASED || !f->client.has_syn ||
	    f->client.start != s->acknowledged)
		return false;
	return !f->server.has_start || (f->server.has_syn && f->server.start == s->sequence + 1);
}

bool tcp_handshake_begins(const struct turn *turn, const struct tcp_segment *s)
{
	if (!turn->packet->is_reply || (s->flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
		return false;
	return !turn->flow || turn->is_from_client || !is_answer_of(turn->flow, s);
}

/* A server answers what was offered, and echoes the time. How many hops its packets have left is seen by the first with
 * bytes. */
static struct tcp_side client_of(const struct tcp_segment *s)
{
	return (struct tcp_side){.start = s->acknowledged,
	                         .next = s->acknowledged,
	                         .timestamp = s->timestamp_echo,
	                         .has_start = true,
	                         .has_syn = true,
	                         .has_scale = s->has_scale,
	                         .has_timestamp = s->has_timestamp && s->timestamp_echo,
	                         .has_md5 = s->has_md5 || s->has_ao};
}

void tcp_handshake_begin(struct turn *turn, const struct flow_key *key, const struct tcp_segment *s)
{
	struct flow_table *t = turn->t;
	struct flow_key turned = flow_key_turned(key);
	if (turn->flow)
		slots_remove(&t->table, turn->flow);
	turn->is_from_client = turn->has_acknowledged = false;
	struct flow *f = turn->flow = slots_add(&t->table, &turned, turn->packet->now_us);
	if (!f) {
		turn_end(turn, t->limits.on_limit, FLOW_WHY_FULL_TABLE);
		return;
	}
	f->is_answered = true;
	f->base = s->acknowledged;
	f->client = client_of(s);
	tcp_note_syn(&f->server, s, turn->ip->hops);
	struct tcp_segment behind = *s;
	behind.sequence++;
	tcp_note(&f->server, &f->client, &behind);
	turn_end(turn, FLOW_PASS, FLOW_WHY_OPENING);
	if (s->payload.size)
		tcp_answer_note(turn, &behind);
}

void tcp_handshake_take(struct turn *turn, const struct tcp_segment *s)
{
	if (s->flags & TCP_ACK)
		take_syn_ack(turn, s);
	else
		take_syn(turn, s);
}
