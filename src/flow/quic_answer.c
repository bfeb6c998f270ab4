#include "flow/quic_work.h"
#include "wire/quic_frames.h"
#include "wire/tls_record.h"
#include "wire/tls_server_hello.h"

static struct view dcid_of(const struct quic_connection *q)
{
	return view_of(q->dcid, q->dcid_size);
}

/* A server's packet numbers are taken at their word: nobody gains by others. */
static int open_answer(struct quic_work *w, struct quic_connection *q, const struct quic_packet *p,
                       struct view *ret_frames)
{
	struct quic_keys keys;
	struct quic_number number;
	int code = quic_keys_derive(p->version, dcid_of(q), QUIC_SERVER, &keys);
	if (code == OK)
		code = quic_number_read(w->opener, &keys, p, &number);
	if (code)
		return code;
	uint64_t full = quic_number_decode(number, q->server_next);
	code = quic_initial_open(w->opener, &keys, p, number, full, w->frames, sizeof(w->frames),
	                         ret_frames);
	if (code == OK && full >= q->server_next)
		q->server_next = full + 1;
	return code;
}

/* Where the message that may take the hello begins, it is in one frame as far as it tells which it is. */
static void take_crypto(struct quic_connection *q, const struct quic_frame *frame)
{
	struct tls_message m;
	enum tls_answer answer;
	if (frame->offset > q->retry_end)
		return;
	struct view message = view_skip(frame->data, (size_t)(q->retry_end - frame->offset));
	if (tls_answer_read_message(message, &answer) != OK)
		return;
	if (answer != TLS_ANSWER_RETRY)
		q->state = QUIC_CONNECTION_ANSWERED;
	else if (q->retry_end == 0 && tls_message_read(message, &m) == OK &&
	         m.bytes.size <= UINT16_MAX)
		q->retry_end = (uint16_t)m.bytes.size;
}

static void take_frames(struct quic_connection *q, struct view frames)
{
	struct quic_frame frame;
	while (quic_frame_next(&frames, &frame) == OK) {
		if (frame.type == QUIC_FRAME_CRYPTO)
			take_crypto(q, &frame);
		if (frame.type == QUIC_FRAME_CLOSE)
			q->state = QUIC_CONNECTION_ANSWERED;
	}
}

static bool lists(const struct quic_packet *negotiation, uint32_t version)
{
	struct reader r = reader_open(negotiation->versions.bytes, negotiation->versions.size);
	while (reader_left(&r))
		if (read_u32(&r) == version)
			return true;
	return false;
}

/* One that lists the version which the connection began with is about another packet of the client: the
 * server may have this connection all the same. */
static bool is_turned_away(const struct quic_connection *q, const struct quic_packet *negotiation)
{
	return view_equal(negotiation->scid, dcid_of(q)) && !lists(negotiation, q->version);
}

static void take_packet(struct quic_work *w, struct quic_connection *q, const struct quic_packet *p)
{
	struct view frames;
	if (q->state == QUIC_CONNECTION_ANSWERED)
		return;
	if (p->type == QUIC_INITIAL && open_answer(w, q, p, &frames) == OK)
		take_frames(q, frames);
	if (p->type == QUIC_RETRY && quic_retry_is_for(w->opener, p, dcid_of(q)))
		q->state = QUIC_CONNECTION_GONE;
	if (p->type == QUIC_VERSION_NEGOTIATION && is_turned_away(q, p))
		q->state = QUIC_CONNECTION_GONE;
}

void quic_flow_server(struct quic_flow *f, struct quic_work *w, struct view datagram)
{
	struct quic_packet p;
	for (; quic_read(datagram, &p) == OK; datagram = view_skip(datagram, p.bytes.size))
		for (unsigned i = 0; i < f->count; i++)
			take_packet(w, &f->connections[i], &p);
}

bool quic_flow_is_answered(const struct quic_flow *f)
{
	unsigned answered = 0, open = 0;
	for (unsigned i = 0; i < f->count; i++) {
		answered += f->connections[i].state == QUIC_CONNECTION_ANSWERED;
		open += f->connections[i].state == QUIC_CONNECTION_OPEN;
	}
	return answered && !open;
}
