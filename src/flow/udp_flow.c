/* A UDP datagram: DNS needs no flow, QUIC has one until its server answers, the rest is judged once. */
#include <stdlib.h>

#include "flow/flow_internal.h"
#include "flow/hear_dns.h"
#include "flow/hear_tls.h"
#include "flow/quic_flow.h"
#include "wire/udp.h"

enum { DNS_PORT = 53, ROOMS_SHARE = 4, ROOMS_MIN = 4, NO_MEMORY = -12 };

/* What one QUIC flow holds until it is answered. */
struct quic_room {
	uint32_t next_free;
	struct quic_flow quic;
	_Alignas(8) uint8_t bytes[QUIC_FLOW_ROOM];
};

struct udp_rooms {
	struct quic_work *work;
	struct quic_room *rooms;
	uint32_t count, used, fresh, free; /* FLOW_NONE: none is free */
};

int udp_init(struct flow_table *t)
{
	struct udp_rooms *u = calloc(1, sizeof(*u));
	t->udp = u;
	if (!u)
		return NO_MEMORY;
	size_t count = t->limits.held_bytes / ROOMS_SHARE / sizeof(struct quic_room);
	u->count = count < ROOMS_MIN   ? ROOMS_MIN
	           : count < FLOW_NONE ? (uint32_t)count
	                               : FLOW_NONE - 1;
	u->free = FLOW_NONE;
	u->rooms = calloc(u->count, sizeof(*u->rooms));
	return u->rooms ? quic_work_new(&u->work) : NO_MEMORY;
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
	quic_flow_init(&u->rooms[at].quic, u->rooms[at].bytes, sizeof(u->rooms[at].bytes));
	return at;
}

static void give_room(struct udp_rooms *u, uint32_t at)
{
	u->rooms[at].next_free = u->free;
	u->free = at;
	u->used--;
}

void udp_forget(void *context, struct flow *f)
{
	struct flow_table *t = context;
	if (t->limits.is_passive)
		turn_hear_rest(t, f);
	if (f->quic)
		give_room(t->udp, f->quic - 1);
	f->quic = 0;
}

static struct quic_flow *quic_of(const struct turn *turn)
{
	return &turn->t->udp->rooms[turn->flow->quic - 1].quic;
}

static struct flow_key key_of(const struct turn *turn, const struct udp_datagram *d)
{
	return (struct flow_key){.client = turn->ip->source,
	                         .server = turn->ip->destination,
	                         .client_port = d->source_port,
	                         .server_port = d->destination_port,
	                         .protocol = FLOW_UDP};
}

/* A question stands alone: neither the ones before it on the same ports nor their answers matter. */
struct asking {
	struct turn *turn;
	const struct flow_key *key;
};

static bool claim_query(void *context, const struct flow_claim *claim)
{
	const struct asking *a = context;
	const struct flow_judge *judge = &a->turn->t->judge;
	a->turn->outcome->protocol = FLOW_DNS;
	return judge->judge(judge->context, a->key, claim) == FLOW_ALLOWED;
}

/* False: it is no query. */
static bool take_dns(struct turn *turn, const struct flow_key *key, struct view payload)
{
	struct asking asking = {turn, key};
	struct ear ear = {.claim = claim_query, .context = &asking, .key = key};
	int r = hear_dns_datagram(payload, &ear);
	if (r == ERR_MISSING)
		return false;
	if (r == ERR_DENIED)
		turn_end(turn, FLOW_DROP, FLOW_WHY_RULED);
	else
		turn_end(turn, FLOW_WATCH, FLOW_WHY_JUDGED);
	return true;
}

/* --- QUIC --- */

static bool claim_hello(void *context, const struct flow_claim *claim)
{
	return turn_claim(context, claim);
}

struct hearing {
	struct turn *turn;
	int code;
};

static bool visit_hello(void *context, const struct quic_hello *hello)
{
	struct hearing *h = context;
	struct ear ear = {.claim = claim_hello, .context = h->turn, .key = &h->turn->flow->key};
	if (hello->is_whole)
		h->code = hear_tls_hello(FLOW_QUIC, hello->body, &ear);
	return h->code == OK;
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
		turn_end_by_limit(turn, FLOW_WHY_LIMIT_PACKETS);
	else if (turn->packet->now_us - f->data_us > l->judge_us)
		turn_end_by_limit(turn, FLOW_WHY_LIMIT_TIME);
	else
		turn_end(turn, FLOW_PASS, FLOW_WHY_PART);
}

static void take_hellos(struct turn *turn)
{
	struct hearing h = {.turn = turn};
	int r = quic_flow_hellos(quic_of(turn), turn->t->udp->work, turn->t->limits.readings,
	                         visit_hello, &h);
	turn->flow->protocol = FLOW_QUIC;
	if (r == OK)
		end_quic_judged(turn);
	else if (r == ERR_TRUNCATED)
		end_quic_part(turn);
	else if (r == ERR_DENIED && h.code == ERR_DENIED)
		turn_end_flow(turn, FLOW_REFUSE, FLOW_WHY_RULED);
	else if (r == ERR_DENIED || r == ERR_LIMIT)
		turn_end_flow(turn, FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
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

static void take_client(struct turn *turn, struct view payload)
{
	switch (quic_flow_client(quic_of(turn), turn->t->udp->work, payload)) {
	case QUIC_FLOW_DATA: take_hellos(turn); return;
	case QUIC_FLOW_OLD: end_quic_old(turn); return;
	case QUIC_FLOW_VERSION: release_nobody(turn, FLOW_QUIC); return;
	case QUIC_FLOW_MALFORMED: turn_end(turn, FLOW_DROP, FLOW_WHY_MALFORMED); return;
	case QUIC_FLOW_LIMIT: turn_end_by_limit(turn, FLOW_WHY_LIMIT_BYTES); return;
	case QUIC_FLOW_NONE: break;
	}
	if (quic_of(turn)->count)
		end_quic_old(turn);
	else
		release_nobody(turn, FLOW_UNKNOWN);
}

static void take_server(struct turn *turn, struct view payload)
{
	quic_flow_server(quic_of(turn), turn->t->udp->work, payload);
	if (turn->flow->state == FLOW_STATE_JUDGED)
		end_quic_judged(turn);
	else
		turn_end(turn, FLOW_PASS, FLOW_WHY_PART);
}

/* --- which flow --- */

static bool is_long_header(struct view payload)
{
	return payload.size &&
	       payload.bytes[0] & 0x80; /* the other bit may be greased (RFC 9287) */
}

/* No DNS message is taken for one: where the last byte of a version is, which is not 0 in those that are known, it has the
 * first of its count of questions. */
static bool is_known_quic(struct view payload)
{
	struct quic_packet p;
	return is_long_header(payload) && quic_read(payload, &p) == OK &&
	       (p.type == QUIC_INITIAL || quic_version_find(p.version));
}

/* Another connection may begin on the ports of one that was judged, but not of one that was refused. */
static bool may_begin_anew(const struct turn *turn, struct view payload)
{
	struct quic_packet p;
	return turn->flow->state == FLOW_STATE_RELEASED && turn->is_from_client &&
	       is_long_header(payload) && quic_read(payload, &p) == OK &&
	       (p.type == QUIC_INITIAL || p.type == QUIC_UNKNOWN_VERSION);
}

static void begin(struct turn *turn, const struct flow_key *key, struct view payload)
{
	turn->is_from_client = true;
	turn->flow = slots_add(&turn->t->table, key, turn->packet->now_us);
	if (!turn->flow) {
		turn_end(turn, turn->t->limits.on_limit, FLOW_WHY_FULL_TABLE);
		return;
	}
	if (!is_long_header(payload)) {
		release_nobody(turn, FLOW_UNKNOWN);
		return;
	}
	uint32_t room = take_room(turn->t->udp);
	if (room == FLOW_NONE) {
		turn_end_by_limit(turn, FLOW_WHY_FULL_POOL);
		return;
	}
	turn->flow->quic = room + 1;
	take_client(turn, payload);
}

static void go_on_with(struct turn *turn, struct view payload)
{
	struct flow *f = turn->flow;
	if (f->state == FLOW_STATE_REFUSED)
		turn_end(turn, FLOW_REFUSE, (enum flow_why)f->why);
	else if (f->state == FLOW_STATE_RELEASED)
		turn_end(turn, FLOW_RELEASE, (enum flow_why)f->why);
	else if (turn->is_from_client)
		take_client(turn, payload);
	else
		take_server(turn, payload);
}

static void end_turn(struct turn *turn)
{
	struct flow *f = turn->flow;
	turn->outcome->protocol = f->protocol;
	if (turn->outcome->action == FLOW_DROP)
		return;
	f->why = (uint8_t)turn->outcome->why;
	bool is_over = f->state >= FLOW_STATE_RELEASED;
	if (is_over && is_passive(turn)) {
		slots_remove(&turn->t->table, f);
		turn->flow = NULL;
		return;
	}
	if (is_over)
		udp_forget(turn->t, f);
	slots_touch(&turn->t->table, f, turn->packet->now_us, is_over ? SLOTS_SHORT : SLOTS_LONG);
}

static void find_and_take(struct turn *turn, const struct flow_key *key, struct view payload)
{
	turn->flow = slots_find(&turn->t->table, key);
	turn->is_from_client = !turn->flow || flow_key_equal(&turn->flow->key, key);
	bool is_quic = is_known_quic(payload);
	if (turn->is_from_client && key->server_port == DNS_PORT && !is_quic) {
		turn->flow = NULL; /* whatever else is said on these ports */
		(void)take_dns(turn, key, payload);
		return;
	}
	if (turn->flow && may_begin_anew(turn, payload)) {
		slots_remove(&turn->t->table, turn->flow);
		turn->flow = NULL;
	}
	if (turn->flow)
		go_on_with(turn, payload);
	else if (is_quic || !take_dns(turn, key, payload))
		begin(turn, key, payload);
	if (turn->flow)
		end_turn(turn);
}

static bool is_answer(const struct udp_datagram *d)
{
	return d->source_port == DNS_PORT && d->destination_port != DNS_PORT &&
	       !is_known_quic(d->payload);
}

void take_udp(struct turn *turn)
{
	struct udp_datagram d;
	if (udp_parse(turn->ip->payload, &d) != OK)
		return; /* malformed */
	struct flow_key key = key_of(turn, &d);
	struct flow_outcome *o = turn->outcome;
	o->has_key = true;
	turn->is_from_client = true;
	if (turn->ip->has_route && !is_passive(turn))
		turn_end(turn, FLOW_DROP, FLOW_WHY_STRANGE);
	else if (!turn->packet->checksum_is_open && !is_passive(turn) &&
	         !udp_is_sum_right(turn->ip))
		turn_end(turn, FLOW_DROP, FLOW_WHY_CHECKSUM);
	else if (is_answer(&d)) {
		turn->is_from_client = false; /* an answer: the next question is judged */
		turn_end(turn, FLOW_WATCH, FLOW_WHY_JUDGED);
	} else {
		find_and_take(turn, &key, d.payload);
	}
	o->recalls = o->action == FLOW_PASS;
	o->is_from_client = turn->is_from_client;
	o->key = turn->is_from_client ? key : flow_key_turned(&key);
	if (o->action == FLOW_RELEASE && o->key.server_port == DNS_PORT)
		o->action = FLOW_WATCH; /* a question may follow */
}
