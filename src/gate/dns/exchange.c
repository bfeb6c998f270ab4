#include "gate/dns/exchange.h"

#include <errno.h>

#include "base/clock.h"
#include "gate/dns/resolver.h"

enum { SWEEP_MS = 50 };

struct exchange {
	struct exchange_setup setup;
	struct pending *pending;
	struct resolver *resolver;
	uv_timer_t *sweep;              /* runs while somebody waits; frees itself with the loop */
	struct dns_question *questions; /* by token: what was asked */
	uint8_t room[DNS_MESSAGE_SIZE_MAX];
};

struct dns_moment dns_moment_now(void)
{
	return (struct dns_moment){clock_now_us(), clock_monotonic_us()};
}

static struct dns_client client_of(const struct origin *origin)
{
	return (struct dns_client){.address = origin->client, .transport = origin->transport};
}

static void deliver(struct exchange *x, const struct waiter *w, int size)
{
	x->setup.deliver(x->setup.context, &w->origin,
	                 view_of(x->room, size > 0 ? (size_t)size : 0));
}

static void on_answer(void *context, uint32_t token, const struct upstream_answer *answer)
{
	struct exchange *x = context;
	struct dns_moment now = dns_moment_now();
	const struct known *known =
		dns_core_learn(x->setup.core, &x->questions[token], answer, &now);
	const struct waiter *w;
	while ((w = pending_next(x->pending, token))) {
		struct dns_client client = client_of(&w->origin);
		deliver(x, w,
		        dns_core_finish(x->setup.core, known, &w->query, &client, &now, x->room,
		                        sizeof(x->room)));
	}
	pending_end(x->pending, token);
	dns_count_by(x->setup.stats, DNS_UPSTREAM_IN_FLIGHT, -1);
}

static void on_sweep(uv_timer_t *timer)
{
	struct exchange *x = timer->data;
	const struct waiter *w;
	while ((w = pending_expired(x->pending, clock_monotonic_us()))) {
		struct dns_client client = client_of(&w->origin);
		dns_count(x->setup.stats, DNS_TIMEOUTS);
		deliver(x, w,
		        dns_core_fail(x->setup.core, &w->query, &client,
		                      DNS_EDE_NO_REACHABLE_AUTHORITY, x->room, sizeof(x->room)));
	}
	if (pending_waiters(x->pending) == 0)
		uv_timer_stop(timer);
}

int exchange_new(const struct exchange_setup *setup, struct exchange **ret)
{
	const struct dns_upstream_options *o = &setup->options->upstream;
	struct pending_limits limits = {(uint32_t)o->questions_max, (uint32_t)o->waiting_max,
	                                o->timeout_us};
	cleanup(exchange) struct exchange *x = calloc(1, sizeof(*x));
	if (!x)
		return -ENOMEM;
	x->setup = *setup;
	x->questions = calloc(limits.questions, sizeof(x->questions[0]));
	x->sweep = calloc(1, sizeof(*x->sweep));
	if (!x->questions || !x->sweep)
		return -ENOMEM;
	uv_timer_init(setup->loop, x->sweep);
	x->sweep->data = x;
	int r = pending_new(&limits, setup->seed, &x->pending);
	struct resolver_setup resolver = {setup->loop, o, limits.questions, on_answer, x};
	if (r >= 0)
		r = resolver_new(&resolver, &x->resolver);
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
	resolver_free(x->resolver);
	pending_free(x->pending);
	if (x->sweep)
		uv_close((uv_handle_t *)x->sweep, on_sweep_closed);
	free(x->questions);
	free(x);
}

size_t exchange_ask(struct exchange *x, const struct dns_query *query, const struct origin *origin,
                    const struct dns_moment *now, uint8_t *room, size_t room_size)
{
	uint32_t token;
	int r = pending_join(x->pending, query, origin, now->steady_us, &token);
	if (r < 0) {
		struct dns_client client = client_of(origin);
		dns_count(x->setup.stats, DNS_PENDING_FULL);
		int size = dns_core_fail(x->setup.core, query, &client, DNS_EDE_NOT_READY, room,
		                         room_size);
		return size > 0 ? (size_t)size : 0;
	}
	if (!uv_is_active((uv_handle_t *)x->sweep))
		uv_timer_start(x->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	if (r == PENDING_JOINED) {
		dns_count(x->setup.stats, DNS_COALESCED);
		return 0;
	}
	x->questions[token].name = query->name;
	x->questions[token].type = query->type;
	x->questions[token].class = query->class;
	dns_count(x->setup.stats, DNS_UPSTREAM_QUERIES);
	dns_count_by(x->setup.stats, DNS_UPSTREAM_IN_FLIGHT, 1);
	static const struct upstream_answer refused = {.rcode = DNS_RCODE_SERVFAIL};
	if (resolver_ask(x->resolver, &query->name, query->type, token) < 0)
		on_answer(x, token, &refused);
	return 0;
}
