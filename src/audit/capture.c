#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "audit/capture_internal.h"
#include "audit/coverage.h"
#include "base/timestamp.h"
#include "flow/recogniser.h"
#include "wire/dns.h"
#include "wire/tcp.h"

enum {
	DNS_PORT = 53,
	STEP_US_BITS = 22, /* four seconds: as judged.h counts time */
};

/* Times that a file may say are taken from each other: none is further away than 18,000 years. */
#define TIME_FAR_US (INT64_C(1) << 59)

const struct capture_limits capture_limits = {
	.judged = 1 << 21,
	.open = 1 << 16,
	.found = 1 << 16,
	.held_bytes = 24 * 1024 * 1024,
	.fragment_bytes = 4 * 1024 * 1024,
};

static const struct flow_limits flow_limits = {
	.hello_size = 16 * 1024,
	.packets = 24,
	.judge_us = 60 * SECOND_US,
	.idle_us = 60 * SECOND_US,
	.readings = 64,
	.on_limit = FLOW_RELEASE,
	.on_middle = FLOW_RELEASE,
	.is_passive = true,
};

/* In large pages: every packet looks somewhere else in it. */
static int map_judged(struct capture *c, uint32_t flows)
{
	size_t size = (size_t)flows * JUDGED_FLOW_SIZE;
	void *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return -errno;
	c->judged_room = room;
	c->judged_size = size;
	(void)madvise(room, size, MADV_HUGEPAGE);
	return judged_new(room, flows, c->seed, &c->judged);
}

static int make_flows(struct capture *c, const struct capture_limits *most)
{
	const struct flow_judge judge = {capture_judge, c};
	struct flow_limits limits = flow_limits;
	limits.flows = most->open;
	limits.held_bytes = most->held_bytes;
	return flow_table_new(&limits, c->seed, &judge, &c->flows);
}

int capture_new(const struct audit_context *context, struct capture **ret)
{
	cleanup(capture) struct capture *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->context = context;
	/* a stranger chose the addresses: where this lies is not for him to know */
	c->seed = (uint64_t)(uintptr_t)c * UINT64_C(0x9e3779b97f4a7c15);
	c->tick_us = TIME_MIN;
	place_memory_clear(&c->places);
	const struct capture_limits *most = context->capture ? context->capture : &capture_limits;
	int r = make_flows(c, most);
	if (r == OK)
		r = map_judged(c, most->judged);
	if (r == OK)
		r = pool_init(&c->pool, most->fragment_bytes);
	if (r == OK)
		r = fragments_init(&c->fragments, &c->pool);
	if (r == OK)
		r = capture_found_init(&c->found, most->found);
	if (r != OK)
		return r;
	*ret = take_ptr(c);
	return OK;
}

void capture_free(struct capture *c)
{
	if (!c)
		return;
	flow_table_free(c->flows);
	judged_free(c->judged);
	if (c->judged_room)
		(void)munmap(c->judged_room, c->judged_size);
	fragments_done(&c->fragments);
	pool_done(&c->pool);
	capture_found_done(&c->found);
	free(c);
}

void capture_listen(struct capture *c, capture_listener *listener, void *context)
{
	c->listener = listener;
	c->listener_context = context;
}

/* --- packets of flows that are not judged --- */

static enum judged_state state_after(const struct flow_outcome *o)
{
	bool is_tcp = o->key.protocol == FLOW_TCP;
	switch (o->action) {
	case FLOW_WATCH: return is_tcp ? JUDGED_WATCHED : JUDGED_NOT;
	case FLOW_RELEASE:
	case FLOW_REFUSE: break;
	default: return JUDGED_NOT;
	}
	if (!is_tcp)
		return JUDGED_QUIC;
	/* where its place in the conversation is lost, requests are looked for */
	return o->protocol == FLOW_UNKNOWN || o->why >= FLOW_WHY_AMBIGUOUS ? JUDGED_UNKNOWN
	                                                                   : JUDGED_RELEASED;
}

static bool is_from_client(const struct seen *s, struct judged_flow flow)
{
	return s->source_is_low == flow.client_is_low;
}

static void remember(struct capture *c, const struct seen *s, const struct flow_outcome *o,
                     struct judged_flow was, bool is_client)
{
	enum judged_state state = state_after(o);
	bool is_found = c->is_found || was.is_found;
	if (state == JUDGED_NOT && is_found)
		state = JUDGED_WATCHED;
	if (state == JUDGED_NOT)
		return;
	const struct judged_flow flow = {.state = state,
	                                 .client_is_low = is_client == s->source_is_low,
	                                 .is_found = is_found};
	judged_set(c->judged, s->hash, flow, (uint32_t)(s->time_us >> STEP_US_BITS));
}

/* `was` is what is known of the flow. Who asked for what was found stays its client: what a server sends may look like
 * the beginning of a connection, too. */
static void take(struct capture *c, const struct seen *s, struct judged_flow was)
{
	const struct flow_packet packet = {.bytes = capture_mend(s->packet, c->room),
	                                   .now_us = s->time_us,
	                                   .checksum_is_open = true,
	                                   .is_whole = true};
	c->is_found = false;
	struct flow_outcome o = flow_take(c->flows, &packet);
	bool is_client = was.is_found ? is_from_client(s, was) : o.is_from_client;
	if (o.has_key && o.action != FLOW_DROP)
		remember(c, s, &o, was, is_client);
	if (c->is_found || was.is_found)
		capture_count(c, s, is_client);
}

/* --- what is left to do about a packet --- */

static bool is_dns_answer(struct view message)
{
	enum { FLAGS_AT = 2, IS_ANSWER = 0x80 };
	return message.size >= DNS_HEADER_SIZE && message.bytes[FLAGS_AT] & IS_ANSWER;
}

static void count(struct capture *c, const struct seen *s, struct judged_flow flow)
{
	if (flow.is_found)
		capture_count(c, s, is_from_client(s, flow));
}

/* A segment that begins with an answer, of a connection whose question was not captured. */
static void process_dns_answer(struct capture *c, const struct seen *s)
{
	struct view message = view_skip(s->payload, 2);
	if (s->source.port == DNS_PORT && is_dns_answer(message) &&
	    ((size_t)s->payload.bytes[0] << 8 | s->payload.bytes[1]) >= DNS_HEADER_SIZE)
		capture_judge_answer(c, s, message);
}

static void process_tcp(struct capture *c, const struct seen *s, struct judged_flow flow)
{
	bool is_syn = (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	if (is_syn) {
		/* another connection in place of the one that was judged */
		if (flow.state != JUDGED_NOT)
			judged_forget(c->judged, s->hash);
		take(c, s, (struct judged_flow){0});
		return;
	}
	bool says_something = s->payload.size && !(s->flags & TCP_RST);
	bool is_heard = flow.state == JUDGED_NOT ||
	                (flow.state == JUDGED_WATCHED && is_from_client(s, flow)) ||
	                (flow.state == JUDGED_UNKNOWN && recogniser_may_begin(s->payload));
	if (says_something && (flow.state == JUDGED_NOT || flow.state == JUDGED_UNKNOWN))
		process_dns_answer(c, s);
	if (says_something && is_heard)
		take(c, s, flow);
	else if (flow.state == JUDGED_NOT && s->flags & TCP_SYN)
		take(c, s, (struct judged_flow){0});
	else
		count(c, s, flow);
}

/* Of versions that are known or may come: 1, 2 and drafts of IETF, Google's, and those that are reserved. */
static bool may_begin_quic(struct view payload)
{
	const uint8_t *b = payload.bytes;
	if (payload.size < 8 || (b[0] & 0xc0) != 0xc0)
		return false;
	return (b[1] == 0 && b[2] == 0 && b[3] == 0 && b[4] == 1 && !(b[0] & 0x30)) ||
	       (b[1] == 0x6b && (b[0] & 0x30) == 0x10) || b[1] == 0xff || b[1] == 'Q' ||
	       b[1] == 'T' || b[1] == 0xfa;
}

static void process_dns(struct capture *c, const struct seen *s, struct judged_flow flow)
{
	if (is_dns_answer(s->payload)) {
		c->is_found = false;
		capture_judge_answer(c, s, s->payload);
		count(c, s, flow);
		return;
	}
	capture_note_query(c, s);
	take(c, s, flow);
}

static void process_udp(struct capture *c, const struct seen *s, struct judged_flow flow)
{
	if (s->source.port == DNS_PORT || s->destination.port == DNS_PORT)
		process_dns(c, s, flow);
	else if (flow.state == JUDGED_NOT || flow.state == JUDGED_WATCHED ||
	         may_begin_quic(s->payload))
		take(c, s, flow);
	else
		count(c, s, flow);
}

static void process(struct capture *c, const struct seen *s)
{
	if (s->protocol == 0)
		return;
	c->now = s;
	struct judged_flow flow =
		judged_find(c->judged, s->hash, (uint32_t)(s->time_us >> STEP_US_BITS));
	if (s->protocol == FLOW_TCP)
		process_tcp(c, s, flow);
	else
		process_udp(c, s, flow);
}

static void tick(struct capture *c, int64_t now_us)
{
	/* a clock may stand still, or run back */
	if (c->tick_us != TIME_MIN && now_us >= c->tick_us && now_us - SECOND_US < c->tick_us)
		return;
	const struct seen none = {.time_us = now_us};
	c->tick_us = now_us;
	c->now = &none;
	flow_tick(c->flows, now_us);
	fragments_expire(&c->fragments, now_us);
}

int capture_flush(struct capture *c)
{
	for (unsigned i = 0; i < c->count; i++)
		process(c, &c->batch[i]);
	if (c->count) {
		tick(c, c->batch[c->count - 1].time_us);
	}
	c->count = 0;
	return c->code;
}

/* Time is needed to forget flows, and where a packet has none it stands still. */
static int64_t time_of(struct capture *c, const struct capture_packet *p)
{
	if (p->time_us != TIME_MIN)
		return p->time_us > TIME_FAR_US    ? TIME_FAR_US
		       : p->time_us < -TIME_FAR_US ? -TIME_FAR_US
		                                   : p->time_us;
	return c->tick_us == TIME_MIN ? 0 : c->tick_us;
}

void capture_take(struct capture *c, const struct capture_packet *p)
{
	struct seen *s = &c->batch[c->count];
	uint64_t number = ++c->context->coverage->items;
	coverage_time(c->context, p->time_us);
	if (capture_look(c, p, s)) {
		judged_prefetch(c->judged, s->hash);
	} else {
		(void)!capture_flush(c);
		s = &c->batch[0];
		s->protocol = 0;
		capture_look_slowly(c, p, s);
	}
	if (s->protocol == 0)
		return;
	s->number = number;
	s->time_us = time_of(c, p);
	c->count++;
	bool is_in_room = s->packet.bytes < p->bytes.bytes ||
	                  s->packet.bytes >= p->bytes.bytes + p->bytes.size;
	if (c->count == CAPTURE_BATCH || is_in_room)
		(void)!capture_flush(c);
}

int capture_finish(struct capture *c)
{
	int r = capture_flush(c);
	if (r < 0)
		return r;
	const struct seen none = {.time_us =
	                                  c->tick_us}; /* flows are judged that no packet is of */
	c->now = &none;
	flow_finish(c->flows);
	if (c->code < 0)
		return c->code;
	return capture_judge_finish(c);
}
