#include "gate/dns/forwarder_internal.h"

enum {
	REPEAT_PATIENCE_US = 250000, /* before the same server is asked again */
	STREAM_PATIENCE_US = 500000, /* TCP repeats by itself, and a handshake takes its time */
};

static unsigned live_of(const struct asked *a)
{
	unsigned count = 0;
	for (unsigned i = 0; i < ATTEMPTS; i++)
		count += a->attempts[i].is_used;
	return count;
}

void forwarder_attempt_end(struct forwarder *f, struct asked *a, struct attempt *t,
                           bool was_answered)
{
	if (!t->is_used)
		return;
	t->is_used = false;
	upstream_ids_remove(f->ids, forwarder_row(f, a, (unsigned)(t - a->attempts)));
	if (t->port)
		forward_port_release(t->port, was_answered);
	else
		forward_stream_release(f->servers[t->server].stream, t->channel);
}

void forwarder_end(struct forwarder *f, struct asked *a)
{
	for (unsigned i = 0; i < ATTEMPTS; i++)
		forwarder_attempt_end(f, a, &a->attempts[i], false);
	wheel_clear(f->wheel, (uint32_t)(a - f->asked));
	a->is_used = false;
	if (--f->asked_count == 0)
		uv_timer_stop(f->timer);
}

void forwarder_answer(struct forwarder *f, struct asked *a, const struct upstream_answer *what)
{
	forwarder_end(f, a);
	f->setup.answered(f->setup.context, (uint32_t)(a - f->asked), what);
}

static void give_up(struct forwarder *f, struct asked *a)
{
	struct upstream_answer nothing = {.rcode = DNS_RCODE_SERVFAIL,
	                                  .ede = a->ede ? a->ede : DNS_EDE_NO_REACHABLE_AUTHORITY};
	forwarder_answer(f, a, &nothing);
}

/* After so long another one is asked, or the same again: each time later. A resolver may have to resolve first,
 * so the same one is not pressed. */
static int64_t patience(const struct forwarder *f, const struct asked *a, unsigned place)
{
	const struct forward_group *g = &f->setup.groups[a->group];
	uint16_t server = g->members[place];
	int64_t us = health_patience(&f->health[server]);
	if (forwarder_goes_by_stream(a, &f->servers[server]) && us < STREAM_PATIENCE_US)
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

void forwarder_go_on(struct forwarder *f, struct asked *a, int64_t now_us)
{
	int place, r = ERR_MISSING;
	while (r < 0 && r != ERR_LIMIT && (place = pick(f, a, now_us)) >= 0) {
		r = forwarder_send(f, a, (unsigned)place, now_us);
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

void forwarder_probe(struct forwarder *f, struct asked *a, int64_t now_us)
{
	const struct forward_group *g = &f->setup.groups[a->group];
	int place = health_probe(f->health, g->members, g->count, a->tried, now_us);
	if (place >= 0)
		(void)!forwarder_send(f, a, (unsigned)place, now_us);
}

/* Who was asked and has not answered yet is late; each question says so once. */
static void note_late(struct forwarder *f, struct asked *a, int64_t now_us)
{
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		struct attempt *t = &a->attempts[i];
		if (!t->is_used || a->late >> t->place & 1)
			continue;
		a->late |= 1U << t->place;
		health_late(&f->health[t->server], now_us);
		forwarder_count(f, t->server, FORWARD_LATE, now_us, 0);
	}
}

void forwarder_expired(struct forwarder *f, struct asked *a, int64_t now_us)
{
	note_late(f, a, now_us);
	if (now_us >= a->until_us)
		give_up(f, a);
	else
		forwarder_go_on(f, a, now_us);
}
