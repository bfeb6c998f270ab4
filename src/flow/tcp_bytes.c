/* Segments of a connection that is known: what they add to what is judged, and what becomes of it. */
#include "flow/tcp_bytes.h"

#include "base/hash.h"
#include "flow/tcp_answer.h"
#include "flow/tcp_check.h"
#include "flow/tcp_greet.h"
#include "flow/tcp_hold.h"

enum { LIMIT_ROOM = 4 }; /* held bytes of a flow, in hellos: for bytes that come several times */

/* --- what becomes of a judged flow --- */

/* The server has all that was judged, so nothing can change it any more: the conversation goes on from there. */
static void go_on(struct turn *turn)
{
	struct flow *f = turn->flow;
	f->base = f->heard_end = f->settled;
	f->conversation = f->next;
	f->is_settled = false;
	f->packets = 0;
	f->data_us = 0;
	f->absent_count = f->doubt_count = 0;
	f->reread = 0;
	held_forget_before(&f->from_client, &turn->t->table.pool, f->base);
	f->is_joined &= f->from_client.count != 0;
	/* what the server sends does not come here any more */
	f->is_watched = true;
	f->client.has_edge = f->client.has_acked = false;
	f->server.has_start = f->server.has_acked = f->server.has_edge = false;
}

static bool server_has_all(const struct flow *f)
{
	uint32_t end = tcp_is_before(f->heard_end, f->settled) ? f->heard_end : f->settled;
	return f->client.has_acked && !tcp_is_before(f->client.acked, end);
}

static void release(struct turn *turn)
{
	struct flow *f = turn->flow;
	if (f->is_middle && f->protocol == FLOW_UNKNOWN)
		turn_end_flow(turn, turn->t->limits.on_middle, FLOW_WHY_MIDDLE);
	else
		turn_end_flow(turn, FLOW_RELEASE, FLOW_WHY_JUDGED);
}

/* No answer tells more than the question did; after a HelloRetryRequest the same name is asked for again. */
static void end_judged_passive(struct turn *turn)
{
	if (!turn->flow->goes_on) {
		release(turn);
	} else if (turn->flow->is_settled) {
		go_on(turn);
		turn_end(turn, FLOW_WATCH, FLOW_WHY_JUDGED);
	}
}

/* The kernel knows a ServerHello. It is left to it where nothing else can look like one: of a connection that is TLS from
 * its first byte on, and of which the server has said nothing yet. */
static void end_waiting(struct turn *turn)
{
	struct flow *f = turn->flow;
	bool is_plain = f->needs_answer && f->conversation.stage == STAGE_START &&
	                f->base == f->client.start && f->from_server.count == 0 && !f->has_echo;
	if (!is_plain || !f->is_answered) {
		turn_end(turn, FLOW_PASS, FLOW_WHY_WAITING);
		return;
	}
	turn_end(turn, FLOW_AWAIT, FLOW_WHY_WAITING);
	f->client.has_edge = false; /* what moves it does not come here */
}

/* The server has not begun TLS where the hello was sent: it dropped it, or does not want it. */
static void go_on_in_the_clear(struct turn *turn)
{
	if (!turn->flow->is_settled)
		return;
	go_on(turn);
	held_clear(&turn->flow->from_server, &turn->t->table.pool);
	turn_end(turn, FLOW_PASS, FLOW_WHY_WAITING);
}

/* Everything said so far was judged and allowed. */
static void end_judged(struct turn *turn)
{
	struct flow *f = turn->flow;
	end_waiting(turn);
	if (f->is_middle && f->protocol == FLOW_UNKNOWN) {
		release(turn);
		return;
	}
	if (is_passive(turn)) {
		end_judged_passive(turn);
		return;
	}
	if (!server_has_all(f))
		return;
	enum tcp_answer answer = f->needs_answer ? tcp_answer_find(turn) : TCP_ANSWER_TAKEN;
	if (answer == TCP_ANSWER_NONE)
		return;
	if (answer == TCP_ANSWER_RETRY) {
		f->conversation.hellos = 1;
		f->packets = 0;
		f->data_us = 0;
		if (!turn_hear(turn, 0, view_of(NULL, 0)) || f->state == FLOW_STATE_OPEN)
			return;
		turn_end(turn, FLOW_PASS, FLOW_WHY_WAITING);
		return;
	}
	if (answer == TCP_ANSWER_OTHER && f->next.stage == STAGE_STARTTLS) {
		go_on_in_the_clear(turn);
		return;
	}
	if (!f->goes_on || (f->needs_answer && answer == TCP_ANSWER_TAKEN)) {
		release(turn);
		return;
	}
	if (!f->is_settled) /* readings that end in different places: to be told apart by what comes */
		return;
	go_on(turn);
	turn_end(turn, FLOW_WATCH, FLOW_WHY_JUDGED);
}

/* What a packet that adds nothing meets. */
static void end_idle(struct turn *turn)
{
	struct flow *f = turn->flow;
	if (f->state == FLOW_STATE_JUDGED && f->from_client.count)
		end_judged(turn);
	else if (f->is_watched && f->from_client.count == 0)
		turn_end(turn, FLOW_WATCH, FLOW_WHY_JUDGED);
	else
		turn_end(turn, FLOW_PASS, f->from_client.count ? FLOW_WHY_PART : FLOW_WHY_OPENING);
}

/* --- bytes of the client --- */

static bool is_doubtful(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	if (!f->client.has_syn || turn->ip->hops >= f->client.hops || is_passive(turn))
		return false;
	uint32_t hash = (uint32_t)hash_view(s->payload, s->sequence);
	for (unsigned i = 0; i < f->doubt_count; i++)
		if (f->doubts[i] == hash)
			return false;
	unsigned at =
		f->doubt_count < FLOW_DOUBTS_KEPT ? f->doubt_count++ : hash % FLOW_DOUBTS_KEPT;
	f->doubts[at] = hash;
	return true;
}

static bool add_absent(struct flow *f, uint32_t sequence)
{
	if (tcp_is_before(sequence, f->base))
		return true;
	for (unsigned i = 0; i < f->absent_count; i++)
		if (f->absent[i] == sequence)
			return true;
	if (f->absent_count == FLOW_ABSENT_MAX)
		return false;
	f->absent[f->absent_count++] = sequence;
	return true;
}

/* The urgent byte may be taken out of the stream: by most hosts the last one before the pointer, by those that
 * read RFC 6093 s2.1 otherwise the one that it points to. */
static bool note_urgent(struct flow *f, const struct tcp_segment *s)
{
	if (!(s->flags & TCP_URG))
		return true;
	uint32_t pointed = s->sequence + s->urgent;
	return add_absent(f, pointed - 1) && add_absent(f, pointed);
}

static uint32_t place_of(const struct flow *f, uint32_t sequence)
{
	return sequence - f->base;
}

/* What of a segment lies from the base on. False: nothing. */
static bool cut_before_base(const struct flow *f, uint32_t *sequence, struct view *bytes)
{
	if (tcp_is_before(*sequence, f->base)) {
		*bytes = view_skip(*bytes, f->base - *sequence);
		*sequence = f->base;
	}
	return bytes->size != 0;
}

static enum flow_why find_limit(const struct turn *turn)
{
	const struct flow *f = turn->flow;
	const struct flow_limits *l = &turn->t->limits;
	if (f->packets > l->packets)
		return FLOW_WHY_LIMIT_PACKETS;
	if (turn->packet->now_us - f->data_us > l->judge_us && !f->is_optional)
		return FLOW_WHY_LIMIT_TIME;
	if (f->from_client.bytes > l->hello_size * LIMIT_ROOM ||
	    f->from_client.count >= READING_PIECES_MAX - 1)
		return FLOW_WHY_LIMIT_BYTES;
	return FLOW_WHYS;
}

/* The message is not whole with this segment, or nobody took it yet. */
static void end_heard(struct turn *turn, uint32_t sequence, struct view bytes)
{
	struct flow *f = turn->flow;
	bool is_open = f->state == FLOW_STATE_OPEN;
	if (!tcp_hold_add(turn, sequence, bytes)) {
		turn_end_by_limit(turn, FLOW_WHY_FULL_POOL);
		return;
	}
	if (!is_open) {
		f->packets = 0;
		f->data_us = 0;
		end_judged(turn);
		return;
	}
	bool is_full = place_of(f, sequence) + bytes.size >= turn->t->limits.hello_size;
	enum flow_why why = is_full ? FLOW_WHY_LIMIT_BYTES : find_limit(turn);
	if (why != FLOW_WHYS)
		turn_end_by_limit(turn, why);
	else
		turn_end(turn, FLOW_PASS, FLOW_WHY_PART);
}

/* More than is held. True: the turn is ended. */
static bool take_beyond(struct turn *turn, uint32_t sequence)
{
	struct flow *f = turn->flow;
	uint32_t size = turn->t->limits.hello_size;
	bool is_judged = f->state == FLOW_STATE_JUDGED;
	bool is_full = f->from_client.count >= READING_PIECES_MAX - 1;
	if ((is_full || place_of(f, sequence) >= size) && is_judged && f->is_settled && f->goes_on)
		go_on(turn); /* unambiguous so far, and the server's word does not come here */
	is_full = f->from_client.count >= READING_PIECES_MAX - 1;
	if (!is_full && (place_of(f, sequence) < size || tcp_is_before(sequence, f->base)))
		return false;
	if (is_judged && !f->goes_on) /* nothing but the server's answer is awaited */
		turn_end(turn, FLOW_PASS, FLOW_WHY_WAITING);
	else if (is_judged || is_full || is_passive(turn))
		turn_end_by_limit(turn, FLOW_WHY_LIMIT_BYTES);
	else /* what is before it did not come yet: it will be sent again */
		turn_end(turn, FLOW_DROP, FLOW_WHY_WINDOW);
	return true;
}

/* What the server says from here on answers what comes now. While TLS was not begun all that was said before is past. */
static void note_answer_base(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	if ((f->from_client.count && !f->is_optional) || !(s->flags & TCP_ACK))
		return;
	f->answer_base = s->acknowledged;
	f->has_answer_base = true;
	held_clear(&f->from_server, &turn->t->table.pool);
}

static void hear_segment(struct turn *turn, uint32_t sequence, struct view bytes)
{
	struct flow *f = turn->flow;
	uint32_t end = sequence + (uint32_t)bytes.size;
	if (f->from_client.count == 0 || tcp_is_before(f->heard_end, end))
		f->heard_end = end;
	if (f->data_us == 0)
		f->data_us = turn->packet->now_us;
	if (turn_hear(turn, sequence, bytes))
		end_heard(turn, sequence, bytes);
}

/* Packets that bring something new are limited by the bytes that are read, the others by their number. */
static void compare_and_hear(struct turn *turn, const struct tcp_segment *s, uint32_t sequence,
                             struct view bytes)
{
	enum hold_news news = tcp_hold_compare(turn, sequence, bytes);
	if (news != HOLD_NEW)
		turn->flow->packets++;
	if (news == HOLD_SAME) {
		end_idle(turn);
	} else if (news == HOLD_CONFLICT) {
		turn_end_flow(turn, FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
	} else {
		note_answer_base(turn, s);
		hear_segment(turn, sequence, bytes);
	}
}

void tcp_bytes_take(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	uint32_t sequence = s->sequence;
	struct view bytes = s->payload;
	if (is_doubtful(turn, s)) {
		turn_end(turn, FLOW_DROP, FLOW_WHY_TTL);
		return;
	}
	if (!cut_before_base(f, &sequence, &bytes)) {
		end_idle(turn);
		return;
	}
	if (take_beyond(turn, sequence))
		return;
	if (!cut_before_base(f, &sequence, &bytes))
		end_idle(turn);
	else
		compare_and_hear(turn, s, sequence, bytes);
}

static enum tcp_check check_client(const struct turn *turn, const struct tcp_segment *s,
                                   enum flow_why *ret_why)
{
	if (is_passive(turn))
		return s->payload.size ? TCP_CHECK_NEW : TCP_CHECK_NO_NEW;
	return tcp_check_client(turn->flow, s, ret_why);
}

void tcp_bytes_take_client(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	enum flow_why why;
	enum tcp_check check = check_client(turn, s, &why);
	if (check == TCP_CHECK_DROP) {
		turn_end(turn, FLOW_DROP, why);
		return;
	}
	if (!f->client.has_start)
		f->base = s->sequence;
	if (!note_urgent(f, s)) {
		turn_end_flow(turn, FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
		return;
	}
	if (check == TCP_CHECK_NEW)
		tcp_bytes_take(turn, s);
	else
		end_idle(turn);
	if (turn->outcome->action == FLOW_DROP || turn->outcome->action == FLOW_REFUSE)
		return;
	tcp_note(&f->client, &f->server, s);
	if (f->is_answered && turn->ip->hops > f->client.hops) /* its SYN was not seen */
		f->client.hops = turn->ip->hops;
}

void tcp_bytes_take_server(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	/* what overtakes it unseen says more: only where all come is it known how far each end is */
	if (!f->is_watched || !f->is_lessened)
		tcp_note(&f->server, &f->client, s);
	bool is_greeting =
		f->state == FLOW_STATE_OPEN && f->from_client.count == 0 && !f->is_watched;
	if (is_greeting && s->payload.size) {
		tcp_greet(turn, s);
		return;
	}
	if (s->payload.size && f->from_client.count)
		tcp_answer_note(turn, s);
	end_idle(turn);
}
