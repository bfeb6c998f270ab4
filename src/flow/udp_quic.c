#include "flow/udp_quic.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/hear_tls.h"
#include "flow/quic_flow.h"

enum { ROOMS_SHARE = 4, ROOMS_MIN = 4 };

bool udp_quic_is_long(struct view payload)
{
	return payload.size &&
	       payload.bytes[0] & 0x80; /* the other bit may be greased (RFC 9287) */
}

bool udp_quic_is_known(struct view payload)
{
	struct quic_packet p;
	return udp_quic_is_long(payload) && quic_read(payload, &p) == OK &&
	       (p.type == QUIC_INITIAL || quic_version_find(p.version));
}

/* What one QUIC flow holds until it is answered. */
struct quic_room {
	uint32_t next_free;
	struct quic_flow quic;
	_Alignas(8) uint8_t bytes[QUIC_FLOW_ROOM];
};

struct udp_rooms {
	struct quic_work *work;
	struct quic_room *rooms;           /* one more than `count`: the spare one */
	uint32_t count, used, fresh, free; /* FLOW_NONE: none is free */
};

int udp_init(struct flow_table *t)
{
	struct udp_rooms *u = calloc(1, sizeof(*u));
	t->udp = u;
	if (!u)
		return -ENOMEM;
	size_t count = t->limits.held_bytes / ROOMS_SHARE / sizeof(struct quic_room);
	u->count = count < ROOMS_MIN   ? ROOMS_MIN
	           : count < FLOW_NONE ? (uint32_t)count
	                               : FLOW_NONE - 1;
	u->free = FLOW_NONE;
	u->rooms = calloc(u->count + 1u, sizeof(*u->rooms));
	return u->rooms ? quic_work_new(&u->work) : -ENOMEM;
}

void udp_done(struct flow_table *t)
{
	if (!t->udp)
		return;
	quic_work_free(t->udp->work);
	free(t->udp->rooms);
	free(t->udp);
}

size_t udp_held(const struct flow_table *t)
{
	return t->udp->used * sizeof(struct quic_room);
}

size_t udp_held_max(const struct flow_table *t)
{
	return t->udp->count * sizeof(struct quic_room);
}

static uint32_t open_room(struct udp_rooms *u, uint32_t at)
{
	quic_flow_init(&u->rooms[at].quic, u->rooms[at].bytes, sizeof(u->rooms[at].bytes));
	return at;
}

/* FLOW_NONE: all are taken. */
static uint32_t take_room(struct udp_rooms *u)
{
	uint32_t at = u->free;
	if (at != FLOW_NONE)
		u->free = u->rooms[at].next_free;
	else if (u->fresh < u->count)
		at = u->fresh++;
	else
		return FLOW_NONE;
	u->used++;
	return open_room(u, at);
}

/* For what is over within this turn. */
static uint32_t use_spare(struct udp_rooms *u)
{
	return open_room(u, u->count);
}

static void give_room(struct udp_rooms *u, uint32_t at)
{
	u->rooms[at].next_free = u->free;
	u->free = at;
	u->used--;
}

static struct quic_flow *quic_of(const struct turn *turn)
{
	return &turn->t->udp->rooms[turn->flow->quic - 1].quic;
}

static bool claim_hello(void *context, const struct flow_claim *claim)
{
	return turn_claim(context, claim);
}

struct hearing {
	struct turn *turn;
	bool is_last; /* nothing will complete what is there in part */
	int code;
};

static bool visit_hello(void *context, const struct quic_hello *hello)
{
	struct hearing *h = context;
	struct ear ear = {.claim = claim_hello, .context = h->turn, .key = &h->turn->flow->key};
	if (hello->is_whole)
		h->code = hear_tls_hello(FLOW_QUIC, hello->body, &ear);
	else if (h->is_last)
		h->code = hear_tls_hello_part(FLOW_QUIC, hello->body, &ear);
	return h->code == OK;
}

static int visit_hellos(struct hearing *h)
{
	const struct flow_table *t = h->turn->t;
	return quic_flow_hellos(quic_of(h->turn), t->udp->work, t->limits.readings, visit_hello, h);
}

static void end_refused(const struct hearing *h)
{
	turn_end_flow(h->turn, FLOW_REFUSE,
	              h->code == ERR_DENIED ? FLOW_WHY_RULED : FLOW_WHY_AMBIGUOUS);
}

/* What was said so far is judged before. */
static void end_by_limit(struct turn *turn, enum flow_why why)
{
	struct hearing h = {.turn = turn, .is_last = true};
	quic_flow_again(quic_of(turn));
	if (visit_hellos(&h) == ERR_DENIED)
		end_refused(&h);
	else
		turn_end_by_limit(turn, why);
}

void udp_forget(void *context, struct flow *f)
{
	struct flow_table *t = context;
	struct flow_outcome outcome;
	struct turn turn = {.t = t, .outcome = &outcome, .flow = f};
	if (t->limits.is_passive && f->quic && f->state == FLOW_STATE_OPEN)
		end_by_limit(&turn, FLOW_WHY_LIMIT_TIME);
	else if (t->limits.is_passive)
		turn_hear_rest(t, f);
	if (f->quic)
		give_room(t->udp, f->quic - 1);
	f->quic = 0;
}

static void end_quic_judged(struct turn *turn)
{
	turn->flow->state = FLOW_STATE_JUDGED;
	turn->flow->packets = 0;
	turn->flow->data_us = 0;
	if (is_passive(turn) || quic_flow_is_answered(quic_of(turn)))
		turn_end_flow(turn, FLOW_RELEASE, FLOW_WHY_JUDGED);
	else
		turn_end(turn, FLOW_PASS, FLOW_WHY_WAITING);
}

static void end_quic_part(struct turn *turn)
{
	struct flow *f = turn->flow;
	const struct flow_limits *l = &turn->t->limits;
	f->state = FLOW_STATE_OPEN;
	if (f->data_us == 0)
		f->data_us = turn->packet->now_us;
	if (++f->packets > l->packets)
		end_by_limit(turn, FLOW_WHY_LIMIT_PACKETS);
	else if (turn->packet->now_us - f->data_us > l->judge_us)
		end_by_limit(turn, FLOW_WHY_LIMIT_TIME);
	else
		turn_end(turn, FLOW_PASS, FLOW_WHY_PART);
}

static void take_hellos(struct turn *turn)
{
	struct hearing h = {.turn = turn};
	int r = visit_hellos(&h);
	turn->flow->protocol = FLOW_QUIC;
	if (r == OK)
		end_quic_judged(turn);
	else if (r == ERR_TRUNCATED)
		end_quic_part(turn);
	else if (r == ERR_DENIED || r == ERR_LIMIT)
		end_refused(&h);
	else
		turn_end(turn, FLOW_DROP, FLOW_WHY_MALFORMED);
}

static void release_nobody(struct turn *turn, enum flow_protocol protocol)
{
	const struct flow_claim nobody = {.protocol = protocol};
	if (turn_claim(turn, &nobody))
		turn_end_flow(turn, FLOW_RELEASE, FLOW_WHY_JUDGED);
	else
		turn_end_flow(turn, FLOW_REFUSE, FLOW_WHY_RULED);
}

/* QUIC that adds nothing. */
static void end_quic_old(struct turn *turn)
{
	if (quic_of(turn)->count == 0) /* an Initial with keys of a connection that was not seen */
		release_nobody(turn, FLOW_QUIC);
	else if (turn->flow->state == FLOW_STATE_JUDGED)
		end_quic_judged(turn);
	else
		end_quic_part(turn);
}

void udp_quic_client(struct turn *turn, struct view payload)
{
	switch (quic_flow_client(quic_of(turn), turn->t->udp->work, payload)) {
	case QUIC_FLOW_DATA: take_hellos(turn); return;
	case QUIC_FLOW_OLD: end_quic_old(turn); return;
	case QUIC_FLOW_VERSION: release_nobody(turn, FLOW_QUIC); return;
	case QUIC_FLOW_MALFORMED: turn_end(turn, FLOW_DROP, FLOW_WHY_MALFORMED); return;
	case QUIC_FLOW_WAIT: turn_end(turn, FLOW_DROP, FLOW_WHY_WINDOW); return;
	case QUIC_FLOW_LIMIT: turn_end_flow(turn, FLOW_REFUSE, FLOW_WHY_AMBIGUOUS); return;
	case QUIC_FLOW_NONE: break;
	}
	if (quic_of(turn)->count)
		end_quic_old(turn);
	else
		release_nobody(turn, FLOW_UNKNOWN);
}

void udp_quic_server(struct turn *turn, struct view payload)
{
	quic_flow_server(quic_of(turn), turn->t->udp->work, payload);
	if (turn->flow->state == FLOW_STATE_JUDGED)
		end_quic_judged(turn);
	else
		turn_end(turn, FLOW_PASS, FLOW_WHY_PART);
}

/* The spare room is for one datagram: nothing is kept. */
static void take_without_room(struct turn *turn, struct view payload)
{
	struct flow *f = turn->flow;
	f->quic = use_spare(turn->t->udp) + 1;
	udp_quic_client(turn, payload);
	bool is_dropped = turn->outcome->action == FLOW_DROP;
	if (!is_dropped && f->state < FLOW_STATE_RELEASED)
		end_by_limit(turn, FLOW_WHY_FULL_POOL);
	f->quic = 0;
	if (!is_dropped)
		return;
	slots_remove(&turn->t->table, f);
	turn->flow = NULL;
}

void udp_quic_begin(struct turn *turn, struct view payload)
{
	if (!udp_quic_is_long(payload)) {
		release_nobody(turn, FLOW_UNKNOWN);
		return;
	}
	struct flow *f = turn->flow;
	uint32_t room = take_room(turn->t->udp);
	if (room != FLOW_NONE) {
		f->quic = room + 1;
		udp_quic_client(turn, payload);
	} else {
		take_without_room(turn, payload);
	}
}
