#include "gate/dns/forwarder.h"

#include <assert.h>
#include <errno.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "gate/dns/forward_stream.h"
#include "gate/dns/forward_udp.h"
#include "gate/dns/upstream_ids.h"
#include "gate/dns/wheel.h"
#include "wire/dns_scrub.h"

enum {
	ATTEMPTS = 4, /* of one question, under way at a time */
	TICK_MS = 4,
	CASE_STRIKES = 8,
	ID_TRIES = 64,
	REPEAT_PATIENCE_US = 250000, /* before the same server is asked again */
	STREAM_PATIENCE_US = 500000, /* TCP repeats by itself, and a handshake takes its time */
};
#define FORGIVE_US (3600 * SECOND_US) /* what a server could not do is tried again after so long */

struct server {
	struct forwarder *of;
	const struct upstream *is;
	struct forward_udp *udp;
	struct forward_stream *stream;
	int64_t no_edns_until_us, lower_until_us;
	unsigned case_strikes;
};

/* A packet under way. Its number is token * ATTEMPTS + its place. */
struct attempt {
	bool is_used, had_edns, is_lower, is_late;
	uint8_t place; /* in the group */
	uint16_t server;
	uint32_t channel;
	struct forward_port *port; /* NULL: by stream */
	int64_t sent_us;
};

struct asked {
	bool is_used;
	bool by_stream; /* UDP will not do */
	bool is_plain;  /* EDNS will not do */
	uint16_t group, ede;
	uint8_t sent;           /* packets so far */
	uint32_t tried, failed; /* places in the group: asked in this round, and of no use */
	uint32_t late;          /* places whose health has heard of it */
	int64_t until_us;
	struct attempt attempts[ATTEMPTS];
	struct upstream_question question;
};

struct forwarder {
	struct forwarder_setup setup;
	struct server *servers;
	struct health *health; /* of each */
	struct asked *asked;   /* by token */
	uint32_t asked_count;
	struct upstream_ids *ids;
	struct wheel *wheel;
	struct forward_tls *tls;
	struct udp_inbox *inbox;
	struct random_pool random;
	uint32_t next_channel;
	uv_timer_t *timer; /* runs while something is asked; both free themselves with the loop */
	uv_check_t *turn;
	uint8_t scrubbed[DNS_MESSAGE_SIZE_MAX];
};

static uint32_t row_of(const struct forwarder *f, const struct asked *a, unsigned place)
{
	return (uint32_t)(a - f->asked) * ATTEMPTS + place;
}

static unsigned live_of(const struct asked *a)
{
	unsigned count = 0;
	for (unsigned i = 0; i < ATTEMPTS; i++)
		count += a->attempts[i].is_used;
	return count;
}

/* `was_answered` unless its answer may still come. */
static void attempt_end(struct forwarder *f, struct asked *a, struct attempt *t, bool was_answered)
{
	if (!t->is_used)
		return;
	t->is_used = false;
	upstream_ids_remove(f->ids, row_of(f, a, (unsigned)(t - a->attempts)));
	if (t->port)
		forward_port_release(t->port, was_answered);
	else
		forward_stream_release(f->servers[t->server].stream, t->channel);
}

static void asked_end(struct forwarder *f, struct asked *a)
{
	for (unsigned i = 0; i < ATTEMPTS; i++)
		attempt_end(f, a, &a->attempts[i], false);
	wheel_clear(f->wheel, (uint32_t)(a - f->asked));
	a->is_used = false;
	if (--f->asked_count == 0)
		uv_timer_stop(f->timer);
}

static void answer(struct forwarder *f, struct asked *a, const struct upstream_answer *what)
{
	asked_end(f, a);
	f->setup.answered(f->setup.context, (uint32_t)(a - f->asked), what);
}

static void give_up(struct forwarder *f, struct asked *a)
{
	struct upstream_answer nothing = {.rcode = DNS_RCODE_SERVFAIL,
	                                  .ede = a->ede ? a->ede : DNS_EDE_NO_REACHABLE_AUTHORITY};
	answer(f, a, &nothing);
}

/* Sending. */

static void question_of(const struct asked *a, const struct attempt *t,
                        struct upstream_question *ret)
{
	struct dname name;
	*ret = a->question;
	size_t size = ret->size - 4U;
	if (t->is_lower && dname_parse_wire(view_of(ret->bytes, size), &name) == OK)
		memcpy(ret->bytes, name.bytes, size);
}

/* An id that the channel does not use, by chance. */
static int take_id(struct forwarder *f, uint32_t row, uint32_t channel, uint16_t *ret)
{
	for (int i = 0; i < ID_TRIES; i++) {
		*ret = random_pool_u16(&f->random);
		if (upstream_ids_add(f->ids, row, channel, *ret) == OK)
			return OK;
	}
	return ERR_LIMIT;
}

static int send_udp(struct forwarder *f, struct asked *a, struct attempt *t, uint32_t row)
{
	struct forward_udp *udp = f->servers[t->server].udp;
	struct upstream_form form = {.has_edns = t->had_edns};
	struct upstream_question question;
	uint16_t id = 0;
	t->port = forward_udp_port(udp, t->sent_us);
	if (!t->port)
		return -EADDRNOTAVAIL;
	t->channel = t->port->channel;
	int r = take_id(f, row, t->channel, &id);
	if (r < 0)
		return r;
	question_of(a, t, &question);
	forward_udp_add(udp, upstream_query_write(&question, id, &form, forward_udp_room(udp)));
	return OK;
}

static int send_stream(struct forwarder *f, struct asked *a, struct attempt *t, uint32_t row)
{
	const struct server *s = &f->servers[t->server];
	struct upstream_form form = {.has_edns = t->had_edns,
	                             .is_padded = s->is->transport == UPSTREAM_TLS};
	struct upstream_question question;
	uint8_t room[UPSTREAM_QUERY_SIZE_MAX];
	uint16_t id = 0;
	t->port = NULL;
	int r = forward_stream_channel(s->stream, &t->channel);
	if (r == OK)
		r = take_id(f, row, t->channel, &id);
	if (r < 0)
		return r;
	question_of(a, t, &question);
	size_t size = upstream_query_write(&question, id, &form, room);
	r = forward_stream_add(s->stream, view_of(room, size));
	if (r < 0)
		upstream_ids_remove(f->ids, row);
	return r;
}

static bool goes_by_stream(const struct asked *a, const struct server *s)
{
	return a->by_stream || s->is->transport != UPSTREAM_UDP;
}

/* Asks the server at that place of the group. */
static int send_to(struct forwarder *f, struct asked *a, unsigned place, int64_t now_us)
{
	unsigned free_place = 0;
	while (free_place < ATTEMPTS && a->attempts[free_place].is_used)
		free_place++;
	if (free_place == ATTEMPTS || a->sent == FORWARD_TRIES_MAX)
		return ERR_LIMIT;
	struct attempt *t = &a->attempts[free_place];
	uint16_t server = f->setup.groups[a->group].members[place];
	const struct server *s = &f->servers[server];
	*t = (struct attempt){.place = (uint8_t)place,
	                      .server = server,
	                      .had_edns = !a->is_plain && now_us >= s->no_edns_until_us,
	                      .is_lower = now_us < s->lower_until_us,
	                      .sent_us = now_us};
	uint32_t row = row_of(f, a, free_place);
	int r = goes_by_stream(a, s) ? send_stream(f, a, t, row) : send_udp(f, a, t, row);
	a->tried |= 1U << place;
	if (r < 0)
		return r;
	t->is_used = true;
	a->sent++;
	dns_count(f->setup.stats, t->port ? DNS_FORWARD_UDP : DNS_FORWARD_STREAM);
	return OK;
}

/* After so long another one is asked, or the same again: each time later. A resolver may have to resolve first,
 * so the same one is not pressed. */
static int64_t patience(const struct forwarder *f, const struct asked *a, unsigned place)
{
	const struct forward_group *g = &f->setup.groups[a->group];
	uint16_t server = g->members[place];
	int64_t us = health_patience(&f->health[server]);
	if (goes_by_stream(a, &f->servers[server]) && us < STREAM_PATIENCE_US)
		us = STREAM_PATIENCE_US;
	else if (a->sent >= g->count && us < REPEAT_PATIENCE_US)
		us = REPEAT_PATIENCE_US;
	for (size_t i = g->count; i < a->sent && us < 2 * SECOND_US; i++)
		us *= 2;
	return us;
}

static int pick(struct forwarder *f, struct asked *a, int64_t now_us)
{
	const struct forward_group *g = &f->setup.groups[a->group];
	int place = health_pick(f->health, g->members, g->count, a->failed | a->tried, now_us);
	if (place >= 0)
		return place;
	a->tried = 0;
	return health_pick(f->health, g->members, g->count, a->failed, now_us);
}

static void wait_for(struct forwarder *f, struct asked *a, int64_t at_us)
{
	wheel_set(f->wheel, (uint32_t)(a - f->asked), at_us < a->until_us ? at_us : a->until_us);
}

/* Asks the next server, or waits for those that were asked; with nobody left it is over. Never answers:
 * a question that cannot go on is over when its time comes, which is then at once. */
static void go_on(struct forwarder *f, struct asked *a, int64_t now_us)
{
	int place, r = ERR_MISSING;
	while (r < 0 && r != ERR_LIMIT && (place = pick(f, a, now_us)) >= 0) {
		r = send_to(f, a, (unsigned)place, now_us);
		if (r < 0 && r != ERR_LIMIT)
			a->failed |= 1U << place;
	}
	if (r == OK)
		wait_for(f, a, now_us + patience(f, a, (unsigned)place));
	else
		wait_for(f, a, live_of(a) ? a->until_us : now_us);
	if (r < 0 && live_of(a) == 0)
		a->until_us = now_us;
}

/* Timers. */

/* Who was asked and has not answered yet is late; each question says so once. */
static void note_late(struct forwarder *f, struct asked *a, int64_t now_us)
{
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		struct attempt *t = &a->attempts[i];
		if (!t->is_used || a->late >> t->place & 1)
			continue;
		a->late |= 1U << t->place;
		health_late(&f->health[t->server], now_us);
	}
}

static void flush(struct forwarder *f)
{
	for (size_t i = 0; i < f->setup.server_count; i++) {
		if (f->servers[i].udp)
			forward_udp_flush(f->servers[i].udp);
		forward_stream_flush(f->servers[i].stream);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct forwarder *f = timer->data;
	int64_t now_us = clock_monotonic_us();
	uint32_t token;
	while ((token = wheel_expired(f->wheel, now_us)) != WHEEL_NONE) {
		struct asked *a = &f->asked[token];
		note_late(f, a, now_us);
		if (now_us >= a->until_us)
			give_up(f, a);
		else
			go_on(f, a, now_us);
	}
	flush(f); /* the loop waits before its turn is over */
}

static void on_turn(uv_check_t *turn)
{
	flush(turn->data);
}

/* Hearing. */

/* The question that the attempt is of, and the attempt, by its row. */
static struct attempt *attempt_at(struct forwarder *f, uint32_t row, struct asked **ret)
{
	*ret = &f->asked[row / ATTEMPTS];
	return &(*ret)->attempts[row % ATTEMPTS];
}

static void on_answered(struct forwarder *f, struct asked *a, struct attempt *t, struct view packet,
                        int64_t now_us)
{
	struct upstream_answer good = {0};
	struct server *s = &f->servers[t->server];
	bool is_datagram = t->port;
	if (dns_scrub(packet, f->setup.ttl_max_s, f->scrubbed, sizeof(f->scrubbed), &good.packet) <
	    0) {
		/* cut on the way, or nonsense: over a stream it is certain which */
		dns_count(f->setup.stats, DNS_UPSTREAM_MALFORMED);
		a->failed |= is_datagram ? 0 : 1U << t->place;
		a->by_stream |= is_datagram;
		attempt_end(f, a, t, true);
		go_on(f, a, now_us);
		return;
	}
	if (!t->is_lower)
		s->case_strikes = 0;
	if (a->is_plain)
		s->no_edns_until_us = now_us + FORGIVE_US; /* without it works */
	attempt_end(f, a, t, true);
	answer(f, a, &good);
}

/* SERVFAIL and its like: another server may do better, and the last one's word is passed on. */
static void on_failed(struct forwarder *f, struct asked *a, struct attempt *t, struct view packet,
                      int64_t now_us)
{
	const struct forward_group *g = &f->setup.groups[a->group];
	struct upstream_answer last = {.packet = packet};
	a->failed |= 1U << t->place;
	attempt_end(f, a, t, true);
	if (a->failed != (1U << g->count) - 1)
		go_on(f, a, now_us);
	else
		answer(f, a, &last);
}

/* The right answer but for its letters: either the server does not keep them, or somebody guesses. A stream
 * tells; and one that only lacks TCP is believed after a while. */
static void on_other_case(struct forwarder *f, struct asked *a, struct attempt *t, int64_t now_us)
{
	struct server *s = &f->servers[t->server];
	dns_count(f->setup.stats, DNS_UPSTREAM_STRANGE);
	if (!t->port || ++s->case_strikes >= CASE_STRIKES) {
		s->case_strikes = 0;
		s->lower_until_us = now_us + FORGIVE_US;
	} else {
		a->by_stream = true;
	}
	a->tried &= ~(1U << t->place);
	attempt_end(f, a, t, true);
	go_on(f, a, now_us);
}

static void on_verdict(struct forwarder *f, struct asked *a, struct attempt *t,
                       enum upstream_verdict verdict, struct view packet, int64_t now_us)
{
	health_answered(&f->health[t->server], now_us - t->sent_us, now_us);
	switch (verdict) {
	case UPSTREAM_ANSWERED: on_answered(f, a, t, packet, now_us); return;
	case UPSTREAM_FAILED: on_failed(f, a, t, packet, now_us); return;
	case UPSTREAM_OTHER_CASE: on_other_case(f, a, t, now_us); return;
	case UPSTREAM_TRUNCATED:
		if (t->port)
			a->by_stream = true;
		else
			a->failed |= 1U << t->place;
		break;
	case UPSTREAM_NO_EDNS: a->is_plain = true; break;
	case UPSTREAM_STRANGE: return;
	}
	a->tried &= ~(1U << t->place);
	attempt_end(f, a, t, true);
	go_on(f, a, now_us);
}

/* Returns false when the packet answers nothing that was asked there. */
static bool hear(struct forwarder *f, uint32_t channel, struct view packet)
{
	struct asked *a;
	struct upstream_question question;
	if (packet.size < DNS_HEADER_SIZE)
		return false;
	uint16_t id = (uint16_t)(packet.bytes[0] << 8 | packet.bytes[1]);
	uint32_t row = upstream_ids_find(f->ids, channel, id);
	if (row == UPSTREAM_IDS_NONE)
		return false;
	struct attempt *t = attempt_at(f, row, &a);
	question_of(a, t, &question);
	enum upstream_verdict verdict = upstream_judge(packet, &question, t->had_edns);
	if (verdict == UPSTREAM_STRANGE)
		return false;
	on_verdict(f, a, t, verdict, packet, clock_monotonic_us());
	return true;
}

/* Ends what was asked there and asks it elsewhere, or, when `by_stream`, in a way that nobody can guess. */
static void ask_elsewhere(struct forwarder *f, uint32_t channel, bool by_stream)
{
	int64_t now_us = clock_monotonic_us();
	for (uint32_t token = 0; token < f->setup.tokens_max; token++) {
		struct asked *a = &f->asked[token];
		bool is_met = false;
		for (unsigned i = 0; a->is_used && i < ATTEMPTS; i++) {
			struct attempt *t = &a->attempts[i];
			if (!t->is_used || t->channel != channel)
				continue;
			is_met = true;
			if (by_stream)
				a->tried &= ~(1U << t->place);
			else
				a->ede = DNS_EDE_NETWORK_ERROR;
			attempt_end(f, a, t, false);
		}
		if (is_met) {
			a->by_stream |= by_stream;
			go_on(f, a, now_us);
		}
	}
}

static void on_packet(void *context, struct forward_port *port, struct view packet)
{
	struct server *s = context;
	if (hear(s->of, port->channel, packet))
		return;
	uint32_t channel = port->channel;
	if (forward_port_strange(port))
		ask_elsewhere(s->of, channel, true);
	dns_count(s->of->setup.stats, DNS_UPSTREAM_STRANGE);
}

static void on_refused(void *context, struct forward_port *port)
{
	struct server *s = context;
	health_broken(&s->of->health[s - s->of->servers], clock_monotonic_us());
	ask_elsewhere(s->of, port->channel, false);
}

static void on_stream_packet(void *context, struct forward_stream *stream, struct view packet)
{
	struct server *s = context;
	uint32_t channel;
	if (forward_stream_channel(stream, &channel) == OK && !hear(s->of, channel, packet))
		dns_count(s->of->setup.stats, DNS_UPSTREAM_STRANGE);
}

static void on_broken(void *context, struct forward_stream *stream, uint32_t channel, int code)
{
	struct server *s = context;
	(void)stream;
	if (code == ERR_DENIED)
		dns_count(s->of->setup.stats, DNS_UPSTREAM_DENIED);
	if (code != ERR_MISSING)
		health_broken(&s->of->health[s - s->of->servers], clock_monotonic_us());
	ask_elsewhere(s->of, channel, false);
}

/* Life. */

static int make_server(struct forwarder *f, struct server *s, const struct upstream *is)
{
	struct forward_udp_setup udp = {.loop = f->setup.loop,
	                                .to = is->at,
	                                .random = &f->random,
	                                .inbox = f->inbox,
	                                .next_channel = &f->next_channel,
	                                .packet = on_packet,
	                                .refused = on_refused,
	                                .context = s};
	struct forward_stream_setup stream = {.loop = f->setup.loop,
	                                      .to = is,
	                                      .tls = f->tls,
	                                      .next_channel = &f->next_channel,
	                                      .packet = on_stream_packet,
	                                      .broken = on_broken,
	                                      .context = s};
	*s = (struct server){.of = f, .is = is};
	if (!f->setup.random_case)
		s->lower_until_us = INT64_MAX;
	int r = is->transport == UPSTREAM_UDP ? forward_udp_new(&udp, &s->udp) : OK;
	return r < 0 ? r : forward_stream_new(&stream, &s->stream);
}

static int make_servers(struct forwarder *f)
{
	int r = udp_inbox_new(&f->inbox);
	for (size_t i = 0; r == OK && i < f->setup.server_count; i++) {
		const struct upstream *is = &f->setup.servers[i];
		if (is->transport == UPSTREAM_TLS && !f->tls)
			r = forward_tls_new(f->setup.ca_file, &f->tls);
		if (r == OK)
			r = make_server(f, &f->servers[i], is);
	}
	return r;
}

static int make_handles(struct forwarder *f)
{
	f->timer = calloc(1, sizeof(*f->timer));
	f->turn = calloc(1, sizeof(*f->turn));
	if (!f->timer || !f->turn)
		return -ENOMEM;
	uv_timer_init(f->setup.loop, f->timer);
	uv_check_init(f->setup.loop, f->turn);
	f->timer->data = f->turn->data = f;
	uv_check_start(f->turn, on_turn);
	uv_unref((uv_handle_t *)f->turn);
	return OK;
}

int forwarder_new(const struct forwarder_setup *setup, struct forwarder **ret)
{
	cleanup(forwarder) struct forwarder *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->setup = *setup;
	f->servers = calloc(setup->server_count, sizeof(f->servers[0]));
	f->health = calloc(setup->server_count, sizeof(f->health[0]));
	f->asked = calloc(setup->tokens_max, sizeof(f->asked[0]));
	int r = f->servers && f->health && f->asked ? make_handles(f) : -ENOMEM;
	if (r == OK)
		r = upstream_ids_new(setup->tokens_max * ATTEMPTS, &f->ids);
	if (r == OK)
		r = wheel_new(setup->tokens_max, clock_monotonic_us(), &f->wheel);
	if (r == OK)
		r = make_servers(f);
	if (r < 0)
		return r;
	*ret = take_ptr(f);
	return OK;
}

static void on_handle_closed(uv_handle_t *handle)
{
	free(handle);
}

static void close_handle(void *handle)
{
	if (handle)
		uv_close(handle, on_handle_closed);
}

void forwarder_free(struct forwarder *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; f->asked && f->asked_count && i < f->setup.tokens_max; i++) {
		if (f->asked[i].is_used)
			asked_end(f, &f->asked[i]);
	}
	for (size_t i = 0; f->servers && i < f->setup.server_count; i++) {
		forward_udp_free(f->servers[i].udp);
		forward_stream_free(f->servers[i].stream);
	}
	close_handle(f->timer);
	close_handle(f->turn);
	upstream_ids_free(f->ids);
	wheel_free(f->wheel);
	forward_tls_free(f->tls);
	udp_inbox_free(f->inbox);
	free(f->servers);
	free(f->health);
	free(f->asked);
	free(f);
}

static void probe(struct forwarder *f, struct asked *a, int64_t now_us)
{
	const struct forward_group *g = &f->setup.groups[a->group];
	int place = health_probe(f->health, g->members, g->count, a->tried, now_us);
	if (place >= 0)
		(void)!send_to(f, a, (unsigned)place, now_us);
}

void forwarder_ask(struct forwarder *f, unsigned group, const struct dname *name, uint16_t type,
                   uint32_t token)
{
	assert(token < f->setup.tokens_max && !f->asked[token].is_used);
	int64_t now_us = clock_monotonic_us();
	struct asked *a = &f->asked[token];
	uint8_t letters[UPSTREAM_CASE_SIZE];
	random_pool_take(&f->random, letters, name->size / 8U + 1);
	*a = (struct asked){.is_used = true,
	                    .group = (uint16_t)group,
	                    .until_us = now_us + f->setup.timeout_us};
	upstream_question_write(&a->question, name, type, letters);
	if (f->asked_count++ == 0)
		uv_timer_start(f->timer, on_timer, TICK_MS, TICK_MS);
	go_on(f, a, now_us);
	probe(f, a, now_us);
}
