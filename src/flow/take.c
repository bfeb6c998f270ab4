/* The table from outside: what comes in is told apart here. */
#include <errno.h>
#include <stdlib.h>

#include "flow/flow_internal.h"

enum { DATAGRAM_SIZE_MAX = 65536, EXPIRE_MAX = 4096 };

int flow_table_new(const struct flow_limits *limits, uint64_t seed, const struct flow_judge *judge,
                   struct flow_table **ret)
{
	if (limits->flows == 0 || limits->flows == UINT32_MAX || limits->hello_size == 0 ||
	    limits->hello_size > FLOW_HELLO_SIZE_MAX)
		return ERR_INVALID;
	cleanup(flow_table) struct flow_table *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->limits = *limits;
	t->judge = *judge;
	/* a reading is what is held, and one segment as large as an offloading card makes it */
	t->room_size = limits->hello_size + DATAGRAM_SIZE_MAX;
	t->pieces_room_size = 8 * (size_t)limits->hello_size + DATAGRAM_SIZE_MAX;
	t->pieces_room = malloc(t->pieces_room_size);
	t->reading_room = malloc(t->room_size);
	t->message_room = malloc(t->room_size);
	t->heads = malloc(sizeof(*t->heads));
	int r = slots_init(&t->table, limits->flows, limits->held_bytes, seed);
	t->table.forget = udp_forget;
	t->table.context = t;
	if (r == OK)
		r = fragments_init(&t->fragments, &t->table.pool);
	if (r == OK)
		r = udp_init(t);
	if (!t->pieces_room || !t->reading_room || !t->message_room || !t->heads)
		r = -ENOMEM;
	if (r != OK)
		return r;
	*ret = take_ptr(t);
	return OK;
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	udp_done(t);
	fragments_done(&t->fragments);
	slots_done(&t->table);
	free(t->pieces_room);
	free(t->reading_room);
	free(t->message_room);
	free(t->heads);
	free(t);
}

static void take_whole(struct turn *turn)
{
	if (turn->ip->protocol == FLOW_TCP)
		take_tcp(turn);
	else if (turn->ip->protocol == FLOW_UDP)
		take_udp(turn);
	else
		turn_end(turn, FLOW_RELEASE, FLOW_WHY_NOT_JUDGED);
}

/* What a fragment completes is judged as any packet; the others wait for that. */
static void take_fragment(struct turn *turn, const struct ip_packet *fragment)
{
	struct flow_table *t = turn->t;
	struct view whole;
	struct ip_packet ip;
	int r = fragments_take(&t->fragments, turn->packet->bytes, fragment, turn->packet->now_us,
	                       &whole);
	if (r == OK && ip_parse(whole, &ip) == OK) {
		turn->ip = &ip;
		take_whole(turn);
		turn->ip = NULL;
		if (turn->outcome->action == FLOW_RELEASE &&
		    turn->outcome->why == FLOW_WHY_NOT_JUDGED)
			turn_end(turn, FLOW_PASS, FLOW_WHY_FRAGMENT);
		return;
	}
	if (r == ERR_LIMIT)
		turn_end(turn, t->limits.on_limit == FLOW_REFUSE ? FLOW_DROP : FLOW_PASS,
		         FLOW_WHY_FULL_POOL);
	else
		turn_end(turn, r == ERR_TRUNCATED ? FLOW_PASS : FLOW_DROP, FLOW_WHY_FRAGMENT);
}

struct flow_outcome flow_take(struct flow_table *t, const struct flow_packet *p)
{
	struct flow_outcome outcome = {.action = FLOW_DROP, .why = FLOW_WHY_MALFORMED};
	struct ip_packet ip;
	struct turn turn = {.t = t, .packet = p, .ip = &ip, .outcome = &outcome};
	int r = ip_parse(p->bytes, &ip);
	if (r == ERR_CHECKSUM)
		outcome.why = FLOW_WHY_CHECKSUM;
	if (r != OK)
		return outcome;
	if (ip.is_fragment)
		take_fragment(&turn, &ip);
	else
		take_whole(&turn);
	return outcome;
}

void flow_tick(struct flow_table *t, int64_t now_us)
{
	fragments_expire(&t->fragments, now_us);
	slots_expire(&t->table, now_us, t->limits.idle_us, EXPIRE_MAX);
}

void flow_finish(struct flow_table *t)
{
	for (unsigned i = 0; i < SLOTS_LISTS; i++)
		while (t->table.lists[i].oldest != FLOW_NONE)
			slots_remove(&t->table, &t->table.slots[t->table.lists[i].oldest]);
}

struct flow_table_state flow_table_state(const struct flow_table *t)
{
	return (struct flow_table_state){
		.flows = t->table.used - t->table.lists[SLOTS_AWAITED].count,
		.flows_max = t->table.count,
		.held = pool_used(&t->table.pool) + udp_held(t),
		.held_max = (size_t)t->table.pool.count * POOL_CHUNK_SIZE + udp_held_max(t),
	};
}

bool flow_table_walk(const struct flow_table *t, uint32_t *cursor, uint32_t count,
                     void (*each)(void *context, const struct flow_row *row), void *context)
{
	for (; count && *cursor < t->table.fresh; count--, (*cursor)++) {
		const struct flow *f = &t->table.slots[*cursor];
		if (!f->is_used || f->list == SLOTS_AWAITED)
			continue;
		struct flow_row row = {.key = f->key,
		                       .protocol = f->protocol,
		                       .why = f->why,
		                       .since_us = f->since_us,
		                       .last_us = f->last_us,
		                       .packets = f->packets,
		                       .held = f->from_client.bytes + f->from_server.bytes};
		each(context, &row);
	}
	return *cursor < t->table.fresh;
}
