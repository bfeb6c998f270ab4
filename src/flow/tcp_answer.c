#include "flow/tcp_answer.h"

#include "wire/tls_server_hello.h"

enum { ANSWER_SIZE_MAX = 2048 }; /* a HelloRetryRequest, and what tells a ServerHello */

static uint32_t base_of(const struct flow *f)
{
	return f->has_answer_base ? f->answer_base : f->server.start;
}

void tcp_answer_note(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	uint32_t sequence = s->sequence, base = base_of(f);
	struct view bytes = s->payload;
	if (tcp_is_before(sequence, base)) {
		bytes = view_skip(bytes, base - sequence);
		sequence = base;
	}
	uint32_t place = sequence - base;
	if (place >= ANSWER_SIZE_MAX || f->from_server.bytes > 2 * ANSWER_SIZE_MAX)
		return;
	if (bytes.size > ANSWER_SIZE_MAX - place)
		bytes.size = ANSWER_SIZE_MAX - place;
	/* where there is no room the answer is not known, and the flow stays here until it is idle */
	(void)!held_add(&f->from_server, &turn->t->table.pool, sequence, bytes);
}

/* The bytes from the base on without a gap, in the room of pieces. */
static struct view first_bytes(struct turn *turn)
{
	struct flow_table *t = turn->t;
	struct flow *f = turn->flow;
	uint32_t base = base_of(f), end = 0, last;
	uint8_t *scratch = t->pieces_room + ANSWER_SIZE_MAX;
	do {
		struct held_piece piece;
		uint32_t cursor = 0;
		last = end;
		while (held_next(&f->from_server, &t->table.pool, &cursor, &piece)) {
			uint32_t from = piece.sequence - base, to = from + piece.size;
			if (from > end || to <= end || to > ANSWER_SIZE_MAX)
				continue;
			held_copy(&t->table.pool, cursor, scratch);
			memcpy(t->pieces_room + end, scratch + (end - from), to - end);
			end = to;
		}
	} while (end != last);
	return view_of(t->pieces_room, end);
}

enum tcp_answer tcp_answer_find(struct turn *turn)
{
	struct view bytes = first_bytes(turn);
	enum tls_answer answer;
	if (bytes.size == 0)
		return TCP_ANSWER_NONE;
	int r = tls_answer_read(bytes, &answer);
	if (r == ERR_TRUNCATED)
		return bytes.size < ANSWER_SIZE_MAX ? TCP_ANSWER_NONE : TCP_ANSWER_TAKEN;
	if (r != OK)
		return TCP_ANSWER_OTHER;
	return answer == TLS_ANSWER_RETRY ? TCP_ANSWER_RETRY : TCP_ANSWER_TAKEN;
}

void tcp_answer_greet(struct turn *turn)
{
	struct view bytes = first_bytes(turn);
	enum greeting greeting = recogniser_greet(bytes, &turn->flow->conversation);
	turn_end(turn, FLOW_PASS, FLOW_WHY_OPENING);
	if (greeting == GREETING_UNKNOWN && turn_claim_nobody(turn))
		turn_end_flow(turn, FLOW_RELEASE, FLOW_WHY_JUDGED);
}
