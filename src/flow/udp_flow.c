/* A UDP datagram: DNS needs no flow, QUIC has one until its server answers, the rest is judged once. */
#include "flow/flow_internal.h"
#include "flow/hear_dns.h"
#include "flow/udp_quic.h"
#include "wire/quic.h"
#include "wire/udp.h"

enum { DNS_PORT = 53 };

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

/* Another connection may begin on the ports of one that was judged, but not of one that was refused. */
static bool may_begin_anew(const struct turn *turn, struct view payload)
{
	struct quic_packet p;
	return turn->flow->state == FLOW_STATE_RELEASED && turn->is_from_client &&
	       udp_quic_is_long(payload) && quic_read(payload, &p) == OK &&
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
	udp_quic_begin(turn, payload);
}

static void go_on_with(struct turn *turn, struct view payload)
{
	struct flow *f = turn->flow;
	if (f->state == FLOW_STATE_REFUSED)
		turn_end(turn, FLOW_REFUSE, (enum flow_why)f->why);
	else if (f->state == FLOW_STATE_RELEASED)
		turn_end(turn, FLOW_RELEASE, (enum flow_why)f->why);
	else if (turn->is_from_client)
		udp_quic_client(turn, payload);
	else
		udp_quic_server(turn, payload);
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
	bool is_quic = udp_quic_is_known(payload);
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
	       !udp_quic_is_known(d->payload);
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
