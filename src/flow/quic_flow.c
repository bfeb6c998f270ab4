#include "flow/quic_flow.h"

#include <errno.h>

#include "flow/quic_work.h"
#include "wire/quic_frames.h"
#include "wire/tls_record.h"

enum {
	RANGE_GAP_MAX = 256,    /* a packet number of one byte tells as many apart */
	RANGE_WIDTH_MAX = 4096, /* bounds what one packet can be tried as */
	CANDIDATES_MAX = QUIC_FLOW_RANGES * (RANGE_WIDTH_MAX / RANGE_GAP_MAX + 3) + 1,
};

int quic_work_new(struct quic_work **ret)
{
	cleanup(quic_work) struct quic_work *w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	int code = quic_opener_new(&w->opener);
	if (code)
		return code;
	*ret = take_ptr(w);
	return OK;
}

void quic_work_free(struct quic_work *w)
{
	if (!w)
		return;
	quic_opener_free(w->opener);
	free(w);
}

void quic_flow_init(struct quic_flow *f, void *room, size_t room_size)
{
	*f = (struct quic_flow){0};
	quic_crypto_init(&f->crypto, room, room_size);
}

/* --- packet numbers --- */

struct candidates {
	uint64_t numbers[CANDIDATES_MAX];
	unsigned count;
};

static void add_candidate(struct candidates *c, uint64_t number)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->numbers[i] == number)
			return;
	if (c->count < CANDIDATES_MAX)
		c->numbers[c->count++] = number;
}

/* What the number can be for a server that has received any of what came, or none of it. */
static void find_candidates(const struct quic_connection *q, struct quic_number number,
                            struct candidates *ret)
{
	ret->count = 0;
	for (unsigned i = 0; i < q->range_count; i++) {
		uint64_t from = quic_number_decode(number, q->ranges[i].low + 1);
		uint64_t to = quic_number_decode(number, q->ranges[i].high + 1);
		for (; from <= to; from += UINT64_C(1) << (8 * number.size))
			add_candidate(ret, from);
	}
	add_candidate(ret, quic_number_decode(number, 0));
}

static bool extend_range(struct quic_range *r, uint64_t number)
{
	uint64_t low = number < r->low ? number : r->low,
		 high = number > r->high ? number : r->high;
	bool is_near = number + RANGE_GAP_MAX >= r->low && number <= r->high + RANGE_GAP_MAX;
	if (!is_near || high - low > RANGE_WIDTH_MAX)
		return false;
	*r = (struct quic_range){low, high};
	return true;
}

static bool note_number(struct quic_connection *q, uint64_t number)
{
	for (unsigned i = 0; i < q->range_count; i++)
		if (extend_range(&q->ranges[i], number))
			return true;
	if (q->range_count == QUIC_FLOW_RANGES)
		return false;
	q->ranges[q->range_count++] = (struct quic_range){number, number};
	return true;
}

/* --- an Initial of the client --- */

struct opened {
	uint64_t number;
	struct view frames;
};

static struct view dcid_of(const struct quic_connection *q)
{
	return view_of(q->dcid, q->dcid_size);
}

static int open_with(struct quic_work *w, const struct quic_connection *q,
                     const struct quic_packet *p, struct opened *ret)
{
	struct quic_keys keys = q->keys;
	struct quic_number number;
	struct candidates c;
	int code = OK;
	if (p->version != q->version)
		code = quic_keys_derive(p->version, dcid_of(q), QUIC_CLIENT, &keys);
	if (code == OK)
		code = quic_number_read(w->opener, &keys, p, &number);
	if (code)
		return code;
	find_candidates(q, number, &c);
	code = ERR_SIGNATURE;
	for (unsigned i = 0; i < c.count && code == ERR_SIGNATURE; i++) {
		ret->number = c.numbers[i];
		code = quic_initial_open(w->opener, &keys, p, number, c.numbers[i], w->frames,
		                         sizeof(w->frames), &ret->frames);
	}
	return code;
}

static struct quic_connection connection_of(const struct quic_packet *p)
{
	struct quic_connection q = {.version = p->version, .dcid_size = (uint8_t)p->dcid.size};
	if (p->dcid.size)
		memcpy(q.dcid, p->dcid.bytes, p->dcid.size);
	return q;
}

/* A slot for one that begins: a free one, or that of one which the server has answered or turned away. */
static struct quic_connection *make_room(struct quic_flow *f)
{
	if (f->count < QUIC_FLOW_CONNECTIONS)
		return &f->connections[f->count++];
	for (uint8_t i = 0; i < f->count; i++)
		if (f->connections[i].state != QUIC_CONNECTION_OPEN) {
			quic_crypto_drop(&f->crypto, i);
			return &f->connections[i];
		}
	return NULL;
}

static bool are_sound(struct view frames)
{
	struct quic_frame frame;
	int code = frames.size ? OK : ERR_MALFORMED; /* no frame at all is none */
	while (code == OK)
		code = quic_frame_next(&frames, &frame);
	return code == ERR_MISSING;
}

static int open_as(struct quic_work *w, uint32_t version, struct quic_connection *q,
                   const struct quic_packet *p, struct opened *ret)
{
	int code = quic_keys_derive(version, p->dcid, QUIC_CLIENT, &q->keys);
	return code == OK ? open_with(w, q, p, ret) : code;
}

/* A reserved version does not say which one the client would like. */
static int open_first(struct quic_work *w, struct quic_connection *q, const struct quic_packet *p,
                      struct opened *ret)
{
	if (!quic_version_is_reserved(p->version))
		return open_as(w, p->version, q, p, ret);
	int code = open_as(w, QUIC_VERSION_1, q, p, ret);
	return code == OK ? OK : open_as(w, QUIC_DRAFT_29, q, p, ret);
}

static int begin_connection(struct quic_flow *f, struct quic_work *w, const struct quic_packet *p,
                            struct opened *ret, struct quic_connection **ret_connection)
{
	struct quic_connection q = connection_of(p), *slot;
	int code = open_first(w, &q, p, ret);
	if (code)
		return code;
	if (!are_sound(ret->frames))
		return ERR_MALFORMED;
	slot = make_room(f);
	if (!slot)
		return ERR_LIMIT;
	*slot = q;
	*ret_connection = slot;
	return OK;
}

/* Whose Initial it is, and what is in it. ERR_SIGNATURE: nobody's. */
static int find_connection(struct quic_flow *f, struct quic_work *w, const struct quic_packet *p,
                           struct opened *ret, struct quic_connection **ret_connection)
{
	for (unsigned i = 0; i < f->count; i++)
		if (open_with(w, &f->connections[i], p, ret) == OK) {
			*ret_connection = &f->connections[i];
			return are_sound(ret->frames) ? OK : ERR_MALFORMED;
		}
	int code = begin_connection(f, w, p, ret, ret_connection);
	bool is_ours = code == OK || code == ERR_LIMIT;
	return is_ours || (code == ERR_MALFORMED && ret->frames.bytes) ? code : ERR_SIGNATURE;
}

/* Keeps what of a frame is not further on than is read. */
static int add_crypto(struct quic_flow *f, struct quic_work *w, const struct quic_connection *q,
                      struct quic_frame frame, bool *ret_new)
{
	if (frame.offset >= QUIC_CRYPTO_STREAM_MAX)
		return OK;
	if (frame.data.size > QUIC_CRYPTO_STREAM_MAX - frame.offset)
		frame.data.size = (size_t)(QUIC_CRYPTO_STREAM_MAX - frame.offset);
	return quic_crypto_add(&f->crypto, w->scratch, (uint8_t)(q - f->connections), frame.offset,
	                       frame.data, ret_new);
}

static enum quic_flow_news take_frames(struct quic_flow *f, struct quic_work *w,
                                       struct quic_connection *q, struct view frames)
{
	struct quic_frame frame;
	bool is_new = false;
	int code = OK;
	while (code == OK && quic_frame_next(&frames, &frame) == OK)
		if (frame.type == QUIC_FRAME_CRYPTO)
			code = add_crypto(f, w, q, frame, &is_new);
	q->is_new |= is_new;
	if (is_new && q->state == QUIC_CONNECTION_GONE)
		q->state = QUIC_CONNECTION_OPEN; /* it goes on all the same */
	if (code)
		return QUIC_FLOW_LIMIT;
	return is_new ? QUIC_FLOW_DATA : QUIC_FLOW_OLD;
}

static enum quic_flow_news take_initial(struct quic_flow *f, struct quic_work *w,
                                        const struct quic_packet *p)
{
	struct opened opened = {0};
	struct quic_connection *q;
	switch (find_connection(f, w, p, &opened, &q)) {
	case OK:
		return note_number(q, opened.number) ? take_frames(f, w, q, opened.frames)
		                                     : QUIC_FLOW_LIMIT;
	case ERR_MALFORMED: return QUIC_FLOW_MALFORMED;
	case ERR_LIMIT: return QUIC_FLOW_WAIT;
	default: return QUIC_FLOW_OLD; /* that nobody can open */
	}
}

/* Nobody but a server that knows the version can say what it is. Versions that are reserved to be unknown, drafts,
 * and datagrams as large as the first of a client must be are taken for QUIC. */
static bool looks_like_quic(const struct quic_packet *p, size_t datagram_size)
{
	return datagram_size >= QUIC_DATAGRAM_SIZE_MIN || (p->version & 0x0f0f0f0f) == 0x0a0a0a0a ||
	       p->version >> 8 == 0xff0000;
}

static enum quic_flow_news take_packet(struct quic_flow *f, struct quic_work *w,
                                       const struct quic_packet *p, size_t datagram_size)
{
	switch (p->type) {
	case QUIC_INITIAL: return take_initial(f, w, p);
	case QUIC_0RTT:
	case QUIC_HANDSHAKE: return QUIC_FLOW_OLD;
	case QUIC_UNKNOWN_VERSION:
		return looks_like_quic(p, datagram_size) ? QUIC_FLOW_VERSION : QUIC_FLOW_NONE;
	default: /* short headers before anything else, and what only servers send */
		return f->count ? QUIC_FLOW_OLD : QUIC_FLOW_NONE;
	}
}

/* What a datagram's packets are together is the weightiest that one of them is. */
static const uint8_t weights[] = {
	[QUIC_FLOW_NONE] = 0,  [QUIC_FLOW_VERSION] = 1,   [QUIC_FLOW_OLD] = 2,
	[QUIC_FLOW_DATA] = 3,  [QUIC_FLOW_MALFORMED] = 4, [QUIC_FLOW_WAIT] = 5,
	[QUIC_FLOW_LIMIT] = 6,
};

enum quic_flow_news quic_flow_client(struct quic_flow *f, struct quic_work *w, struct view datagram)
{
	enum quic_flow_news news = QUIC_FLOW_NONE;
	struct quic_packet p;
	struct view rest = datagram;
	while (quic_read(rest, &p) == OK) {
		enum quic_flow_news one = take_packet(f, w, &p, datagram.size);
		if (weights[one] > weights[news])
			news = one;
		rest = view_skip(rest, p.bytes.size);
	}
	return news;
}

/* --- hellos --- */

struct visit {
	quic_hello_visitor *visit;
	void *context;
	bool has_whole, has_part;
};

/* The messages of one reading: hellos, one behind the other (the second after a HelloRetryRequest). */
static enum reading_step visit_reading(void *context, struct view bytes, bool is_end)
{
	struct visit *v = context;
	struct tls_message m;
	while (bytes.size && bytes.bytes[0] == TLS_CLIENT_HELLO) {
		struct quic_hello hello = {.is_whole = tls_message_read(bytes, &m) == OK};
		if (!hello.is_whole && !is_end)
			return READING_MORE;
		hello.body = hello.is_whole ? m.body : view_skip(bytes, TLS_MESSAGE_HEADER_SIZE);
		v->has_whole |= hello.is_whole;
		v->has_part |= !hello.is_whole;
		if (!v->visit(v->context, &hello))
			return READING_END;
		bytes = view_skip(bytes, hello.is_whole ? m.bytes.size : bytes.size);
	}
	if (!bytes.size)
		return READING_MORE;
	return READING_ENOUGH; /* no server takes that */
}

static int visit_connection(const struct quic_flow *f, struct quic_work *w, uint8_t index,
                            uint32_t limit, struct visit *v)
{
	struct reading_piece pieces[READING_PIECES_MAX];
	struct readings r = {.pieces = pieces, .room = w->scratch, .room_size = sizeof(w->scratch)};
	r.count = quic_crypto_pieces(&f->crypto, index, pieces);
	r.limit = limit;
	bool begins = false;
	for (unsigned i = 0; i < r.count; i++)
		begins |= pieces[i].offset == 0;
	v->has_part |= !begins;
	return readings_visit(&r, visit_reading, v);
}

void quic_flow_again(struct quic_flow *f)
{
	for (uint8_t i = 0; i < f->count; i++)
		f->connections[i].is_new = true;
}

int quic_flow_hellos(struct quic_flow *f, struct quic_work *w, uint32_t limit,
                     quic_hello_visitor *visit, void *context)
{
	struct visit v = {.visit = visit, .context = context};
	for (uint8_t i = 0; i < f->count; i++) {
		if (!f->connections[i].is_new)
			continue;
		int code = visit_connection(f, w, i, limit, &v);
		if (code)
			return code;
		f->connections[i].is_new = false;
	}
	if (v.has_part)
		return ERR_TRUNCATED;
	return v.has_whole ? OK : ERR_MALFORMED;
}
