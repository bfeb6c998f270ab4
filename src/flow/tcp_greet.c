#include "flow/tcp_greet.h"

#include "flow/tcp_answer.h"
#include "flow/tcp_bytes.h"

enum { TLS_HANDSHAKE_RECORD = 22 };

/* The end that was connected to speaks TLS as a client does: it is one from here on. */
static void turn_round(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	struct tcp_side server = f->client;
	f->client = f->server;
	f->server = server;
	f->key = flow_key_turned(&f->key);
	f->base = f->client.start;
	f->is_turned = true;
	held_clear(&f->from_server, &turn->t->table.pool);
	turn->is_from_client = true;
	tcp_bytes_take_client(turn, s);
}

void tcp_greet(struct turn *turn, const struct tcp_segment *s)
{
	struct flow *f = turn->flow;
	bool knows_start = f->server.has_syn && f->from_server.count == 0 && !is_passive(turn);
	uint32_t before = f->server.start - s->sequence;
	if (knows_start && tcp_is_before(f->server.start, s->sequence)) {
		turn_end(turn, FLOW_DROP, FLOW_WHY_WINDOW); /* until its first byte tells */
		return;
	}
	if (knows_start && before < s->payload.size &&
	    s->payload.bytes[before] == TLS_HANDSHAKE_RECORD) {
		turn_round(turn, s);
		return;
	}
	tcp_answer_note(turn, s);
	tcp_answer_greet(turn);
}
