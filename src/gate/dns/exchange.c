#include "gate/dns/exchange.h"

#include <errno.h>

#include "base/clock.h"
#include "gate/dns/tap.h"
#include "gate/dns/ways.h"

enum { SWEEP_MS = 50 };

struct exchange {
	struct exchange_setup setup;
	struct pending *pending;
	struct ways *ways;
	uv_timer_t *sweep;              /* runs while somebody waits; frees itself with the loop */
	struct dns_question *questions; /* by token: what was asked, and when (steady) */
	int64_t *asked_us;
	uint32_t *again; /* tokens to be asked when no answer is being given */
	uint32_t again_count;
	uint8_t room[DNS_MESSAGE_SIZE_MAX];
};

struct dns_moment dns_moment_now(void)
{
	return (struct dns_moment){clock_now_us(), clock_monotonic_us()};
}

static struct dns_client client_of(const struct origin *origin)
{
	return (struct dns_client){.address = origin->client,
	                           .transport = origin->transport,
	                           .idle_us = origin->idle_us};
}

static void on_sweep(uv_timer_t *timer);
static void start(struct exchange *x, uint32_t token, const struct dns_moment *now);

static void tell(struct exchange *x, const struct dns_query *query, const struct origin *origin,
                 int64_t asked_us, struct view answer)
{
	struct tap_query q = {.query = query,
	                      .client = &origin->client,
	                      .transport = origin->transport,
	                      .source = TAP_FROM_UPSTREAM,
	                      .asked_us = asked_us,
	                      .answer = answer};
	if (x->setup.tap && answer.size && !origin->probe)
		tap_tell(x->setup.tap, &q);
}

static void deliver(struct exchange *x, const struct waiter *w, int size)
{
	struct view answer = view_of(x->room, size > 0 ? (size_t)size : 0);
	tell(x, &w->query, &w->origin, w->until_us - x->setup.options->upstream.timeout_us, answer);
	x->setup.deliver(x->setup.context, &w->origin, answer);
}

/* Tells one who waited that nothing is known; a block stays one. */
static int give_up(struct exchange *x, const struct dns_redirect *redirect,
                   const struct dns_query *query, const struct origin *origin,
                   const struct dns_moment *now, uint16_t ede, uint8_t *room, size_t room_size)
{
	struct dns_client client = client_of(origin);
	int size = DNS_CORE_ASK;
	if (redirect->is_set)
		size = dns_core_redirected(x->setup.core, redirect, NULL, query, &client, now, room,
		                           room_size);
	if (size != DNS_CORE_ASK)
		return size;
	return dns_core_fail(x->setup.core, query, &client, now, ede, room, room_size);
}

/* Lets the query wait for what the core asked for. Returns as pending_join(). */
static int join(struct exchange *x, const struct dns_query *query, const struct origin *origin,
                const struct dns_moment *now, uint32_t *ret_token)
{
	const struct dns_asked *asked = dns_core_asked(x->setup.core);
	int r = pending_join(x->pending, asked, query, origin, now->steady_us, ret_token);
	if (r < 0) {
		dns_count(x->setup.stats, DNS_PENDING_FULL);
		return r;
	}
	if (!uv_is_active((uv_handle_t *)x->sweep))
		uv_timer_start(x->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	if (r == PENDING_JOINED)
		dns_count(x->setup.stats, DNS_COALESCED);
	else
		x->questions[*ret_token] = asked->question;
	return r;
}

/* What was known leads to a block that has an alias: its own answer is the next question. */
static void wait_again(struct exchange *x, const struct waiter *waiter,
                       const struct dns_moment *now)
{
	struct waiter w = *waiter; /* its place may be the one that is taken */
	uint32_t token;
	w.query.question.bytes = w.question;
	w.query.edns.options.bytes = w.options;
	if (w.query.edns.cookie.size)
		w.query.edns.cookie.bytes =
			w.options + (waiter->query.edns.cookie.bytes - waiter->options);
	w.redirect = dns_core_asked(x->setup.core)->redirect;
	int r = join(x, &w.query, &w.origin, now, &token);
	if (r == PENDING_FIRST)
		x->again[x->again_count++] = token;
	else if (r < 0)
		deliver(x, &w,
		        give_up(x, &w.redirect, &w.query, &w.origin, now, DNS_EDE_NOT_READY,
		                x->room, sizeof(x->room)));
}

/* `known` is NULL when nothing came. */
static bool told_probe(const struct waiter *w, const struct known *known)
{
	if (w->origin.probe)
		w->origin.probe->answered(w->origin.probe, known, &w->redirect);
	return w->origin.probe != NULL;
}

static void finish(struct exchange *x, const struct known *known, const struct waiter *w,
                   const struct dns_moment *now)
{
	if (told_probe(w, known))
		return;
	struct dns_client client = client_of(&w->origin);
	int size = w->redirect.is_set
	                   ? dns_core_redirected(x->setup.core, &w->redirect, known, &w->query,
	                                         &client, now, x->room, sizeof(x->room))
	                   : dns_core_finish(x->setup.core, known, &w->query, &client, now, x->room,
	                                     sizeof(x->room));
	if (size == DNS_CORE_ASK)
		wait_again(x, w, now);
	else
		deliver(x, w, size);
}

/* A client that checks signatures itself gets what was found bogus (RFC 6840 s5.9); nothing of it is kept. */
static bool wants_unchecked(const struct waiter *w, const struct upstream_answer *answer)
{
	return answer->is_bogus && answer->packet.size && w->query.flags & DNS_FLAG_CD;
}

static void on_answer(void *context, uint32_t token, const struct upstream_answer *answer)
{
	struct exchange *x = context;
	struct dns_moment now = dns_moment_now();
	histogram_add(&x->setup.stats->upstream, dns_time_bounds_us,
	              now.steady_us - x->asked_us[token]);
	const struct upstream_answer unchecked = {.packet = answer->packet, .is_unchecked = true};
	const struct upstream_answer *const said[2] = {answer, &unchecked};
	const struct known *known[2] = {NULL, NULL};
	const struct waiter *w;
	do {
		w = pending_next(x->pending, token);
		bool as = w && wants_unchecked(w, answer);
		if (!known[as])
			known[as] =
				dns_core_learn(x->setup.core, &x->questions[token], said[as], &now);
		if (w && !w->is_answered)
			finish(x, known[as], w, &now);
	} while (w); /* kept also when nobody waits any more */
	pending_end(x->pending, token);
	dns_count_by(x->setup.stats, DNS_UPSTREAM_IN_FLIGHT, -1);
	/* only now, as an answer may come at once, and `known` is the core's */
	while (x->again_count)
		start(x, x->again[--x->again_count], &now);
}

/* Asks the upstream. */
static void start(struct exchange *x, uint32_t token, const struct dns_moment *now)
{
	x->asked_us[token] = now->steady_us;
	dns_core_sent(x->setup.core, &x->questions[token].name, now);
	dns_count_by(x->setup.stats, DNS_UPSTREAM_IN_FLIGHT, 1);
	ways_ask(x->ways, &x->questions[token], token);
}

/* The question goes on, for the cache. A block that waits for its alias is not served stale. */
static void answer_late(struct exchange *x, const struct dns_moment *now)
{
	struct waiter *w;
	while ((w = pending_late(x->pending, now->steady_us))) {
		struct dns_client client = client_of(&w->origin);
		if (w->origin.probe) /* wants what the upstream says */
			continue;
		int size = w->redirect.is_set ? DNS_CORE_SILENT
		                              : dns_core_stale(x->setup.core, &w->query, &client,
		                                               now, x->room, sizeof(x->room));
		if (size == DNS_CORE_SILENT)
			continue;
		w->is_answered = true;
		deliver(x, w, size);
	}
}

static void on_sweep(uv_timer_t *timer)
{
	struct exchange *x = timer->data;
	struct dns_moment now = dns_moment_now();
	const struct waiter *w;
	answer_late(x, &now);
	while ((w = pending_expired(x->pending, now.steady_us))) {
		if (w->is_answered)
			continue;
		dns_count(x->setup.stats, DNS_TIMEOUTS);
		if (told_probe(w, NULL))
			continue;
		deliver(x, w,
		        give_up(x, &w->redirect, &w->query, &w->origin, &now,
		                DNS_EDE_NO_REACHABLE_AUTHORITY, x->room, sizeof(x->room)));
	}
	if (pending_waiters(x->pending) == 0)
		uv_timer_stop(timer);
}

int exchange_new(const struct exchange_setup *setup, struct exchange **ret)
{
	const struct dns_upstream_options *o = &setup->options->upstream;
	struct pending_limits limits = {(uint32_t)o->questions_max, (uint32_t)o->waiting_max,
	                                o->timeout_us, setup->options->cache.stale_wait_us};
	cleanup(exchange) struct exchange *x = calloc(1, sizeof(*x));
	if (!x)
		return -ENOMEM;
	x->setup = *setup;
	x->questions = calloc(limits.questions, sizeof(x->questions[0]));
	x->asked_us = calloc(limits.questions, sizeof(x->asked_us[0]));
	x->again = calloc(limits.questions, sizeof(x->again[0]));
	x->sweep = calloc(1, sizeof(*x->sweep));
	if (!x->questions || !x->asked_us || !x->again || !x->sweep)
		return -ENOMEM;
	uv_timer_init(setup->loop, x->sweep);
	x->sweep->data = x;
	int r = pending_new(&limits, setup->seed, &x->pending);
	struct ways_setup ways = {.loop = setup->loop,
	                          .options = setup->options,
	                          .stats = setup->stats,
	                          .tap = setup->tap,
	                          .tokens_max = limits.questions,
	                          .answered = on_answer,
	                          .context = x};
	if (r >= 0)
		r = ways_new(&ways, &x->ways);
	if (r < 0)
		return r;
	*ret = take_ptr(x);
	return OK;
}

static void on_sweep_closed(uv_handle_t *timer)
{
	free(timer);
}

void exchange_free(struct exchange *x)
{
	if (!x)
		return;
	ways_free(x->ways);
	pending_free(x->pending);
	if (x->sweep)
		uv_close((uv_handle_t *)x->sweep, on_sweep_closed);
	free(x->questions);
	free(x->asked_us);
	free(x->again);
	free(x);
}

size_t exchange_ask(struct exchange *x, const struct dns_query *query, const struct origin *origin,
                    const struct dns_moment *now, uint8_t *room, size_t room_size)
{
	uint32_t token;
	int r = join(x, query, origin, now, &token);
	if (r < 0) {
		int size = give_up(x, &dns_core_asked(x->setup.core)->redirect, query, origin, now,
		                   DNS_EDE_NOT_READY, room, room_size);
		struct view answer = view_of(room, size > 0 ? (size_t)size : 0);
		tell(x, query, origin, now->steady_us, answer);
		return answer.size;
	}
	if (r == PENDING_FIRST)
		start(x, token, now);
	return 0;
}

void exchange_renew(struct exchange *x, const struct dns_question *question,
                    const struct dns_moment *now)
{
	uint32_t token;
	if (pending_begin(x->pending, question, &token) != PENDING_FIRST)
		return;
	x->questions[token] = *question;
	start(x, token, now);
}

const struct zones *exchange_zones(const struct exchange *x)
{
	return ways_zones(x->ways);
}

struct forwarder *exchange_forwarder(const struct exchange *x)
{
	return ways_forwarder(x->ways);
}

struct resolver *exchange_resolver(const struct exchange *x)
{
	return ways_resolver(x->ways);
}
