#include "base/clock.h"
#include "gate/dns/forwarder_internal.h"
#include "wire/dns_scrub.h"

enum { CASE_STRIKES = 8 };
#define FORGIVE_US (3600 * SECOND_US) /* what a server could not do is tried again after so long */

/* The question that the attempt is of, and the attempt, by its row. */
static struct attempt *attempt_at(struct forwarder *f, uint32_t row, struct asked **ret)
{
	*ret = &f->asked[row / ATTEMPTS];
	return &(*ret)->attempts[row % ATTEMPTS];
}

static void on_answered(struct forwarder *f, struct asked *a, struct attempt *t, struct view packet,
                        int64_t now_us)
{
	struct upstream_answer good = {.place = t->place};
	struct server *s = &f->servers[t->server];
	bool is_datagram = t->port;
	if (dns_scrub(packet, f->setup.ttl_max_s, f->scrubbed, sizeof(f->scrubbed), &good.packet) <
	    0) {
		/* cut on the way, or nonsense: over a stream it is certain which */
		dns_count(f->setup.stats, DNS_UPSTREAM_MALFORMED);
		forwarder_count(f, t->server, FORWARD_FAILED, now_us, 0);
		a->failed |= is_datagram ? 0 : 1U << t->place;
		a->by_stream |= is_datagram;
		forwarder_attempt_end(f, a, t, true);
		forwarder_go_on(f, a, now_us);
		return;
	}
	if (!t->is_lower)
		s->case_strikes = 0;
	if (a->plain >> t->place & 1)
		s->no_edns_until_us = now_us + FORGIVE_US; /* without it works */
	forwarder_attempt_end(f, a, t, true);
	forwarder_answer(f, a, &good);
}

/* SERVFAIL and its like: another server may do better, and the last one's word is passed on. */
static void on_failed(struct forwarder *f, struct asked *a, struct attempt *t, struct view packet,
                      int64_t now_us)
{
	const struct forward_group *g = &f->setup.groups[a->group];
	struct upstream_answer last = {.packet = packet};
	a->failed |= 1U << t->place;
	forwarder_count(f, t->server, FORWARD_FAILED, now_us, 0);
	forwarder_attempt_end(f, a, t, true);
	if (a->failed != (1U << g->count) - 1)
		forwarder_go_on(f, a, now_us);
	else
		forwarder_answer(f, a, &last);
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
	forwarder_attempt_end(f, a, t, true);
	forwarder_go_on(f, a, now_us);
}

static void on_verdict(struct forwarder *f, struct asked *a, struct attempt *t,
                       enum upstream_verdict verdict, struct view packet, int64_t now_us)
{
	health_answered(&f->health[t->server], now_us - t->sent_us, now_us);
	forwarder_count(f, t->server, FORWARD_ANSWERED, now_us, now_us - t->sent_us);
	forwarder_tell(f, t, view_of(NULL, 0), packet);
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
	case UPSTREAM_NO_EDNS: a->plain |= 1U << t->place; break;
	case UPSTREAM_STRANGE: return;
	}
	a->tried &= ~(1U << t->place);
	forwarder_attempt_end(f, a, t, true);
	forwarder_go_on(f, a, now_us);
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
	forwarder_question(a, t, &question);
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
			forwarder_count(f, t->server, FORWARD_FAILED, now_us, 0);
			forwarder_attempt_end(f, a, t, false);
		}
		if (is_met) {
			a->by_stream |= by_stream;
			forwarder_go_on(f, a, now_us);
		}
	}
}

void forwarder_udp_packet(void *context, struct forward_port *port, struct view packet)
{
	struct server *s = context;
	if (hear(s->of, port->channel, packet))
		return;
	uint32_t channel = port->channel;
	if (forward_port_strange(port))
		ask_elsewhere(s->of, channel, true);
	dns_count(s->of->setup.stats, DNS_UPSTREAM_STRANGE);
}

void forwarder_udp_refused(void *context, struct forward_port *port)
{
	struct server *s = context;
	health_broken(&s->of->health[s - s->of->servers], clock_monotonic_us());
	ask_elsewhere(s->of, port->channel, false);
}

void forwarder_stream_packet(void *context, struct forward_stream *stream, struct view packet)
{
	struct server *s = context;
	uint32_t channel;
	if (forward_stream_channel(stream, &channel) == OK && !hear(s->of, channel, packet))
		dns_count(s->of->setup.stats, DNS_UPSTREAM_STRANGE);
}

void forwarder_stream_broken(void *context, struct forward_stream *stream, uint32_t channel,
                             int code)
{
	struct server *s = context;
	(void)stream;
	if (code == ERR_DENIED)
		dns_count(s->of->setup.stats, DNS_UPSTREAM_DENIED);
	if (code != ERR_MISSING)
		health_broken(&s->of->health[s - s->of->servers], clock_monotonic_us());
	ask_elsewhere(s->of, channel, false);
}
