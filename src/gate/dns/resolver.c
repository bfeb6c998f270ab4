#include "gate/dns/resolver.h"

#include <assert.h>
#include <errno.h>

#include "base/cleanup.h"
#include "gate/dns/event_loop.h"
#include "gate/dns/resolver_settings.h"
#include "gate/dns/why_bogus.h"

enum { TOKENS_A_STEP = 1024, ASKED_A_STEP = 16 }; /* of resolver_resume() */

/* Its place in the table is the token. */
struct ask {
	struct resolver *of;
	uint32_t generation; /* of the context that was asked */
	bool is_waiting;
	uint16_t type;
	struct dname name;
};

struct resolver {
	struct resolver_setup setup;
	struct endpoint relay; /* what the setup points to */
	struct libunbound unbound;
	struct ub_ctx *context;
	uint32_t generation; /* of the context */
	bool is_ending;      /* it says SERVFAIL to all that is under way, which nobody is told */
	struct event_loop *events;
	struct ask *asks; /* by token */
};

DEFINE_CLEANUP(resolver, struct resolver *, resolver_free);

static void on_warm(void *context, int rcode, void *packet, int size, int security, char *why,
                    int limited)
{
	(void)context, (void)rcode, (void)packet, (void)size, (void)security, (void)why,
		(void)limited;
}

/* The first question makes libunbound build itself up from its options, which it can do only in one
 * thread at a time: this one is answered from a built-in zone. */
static int build_up(const struct libunbound *lib, struct ub_ctx *c)
{
	int failed = lib->resolve(c, "localhost.", DNS_TYPE_A, DNS_CLASS_IN, NULL, on_warm, NULL);
	if (failed)
		return ERR_INVALID; /* libunbound has said on the standard error what it dislikes */
	lib->debug_out(c, NULL);
	return OK;
}

static int open_context(const struct resolver *r, struct ub_ctx **ret)
{
	const struct libunbound *lib = &r->unbound;
	struct ub_ctx *c = lib->create(event_loop_base(r->events));
	if (!c)
		return -ENOMEM;
	int result = resolver_configure(lib, c, r->setup.options, r->setup.relay);
	if (result >= 0)
		result = build_up(lib, c);
	if (result < 0)
		lib->free(c);
	else
		*ret = c;
	return result < 0 ? result : OK;
}

int resolver_new(const struct resolver_setup *setup, struct resolver **ret)
{
	cleanup(resolver) struct resolver *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->setup = *setup;
	if (setup->relay) {
		r->relay = *setup->relay;
		r->setup.relay = &r->relay;
	}
	r->asks = calloc(setup->tokens_max, sizeof(r->asks[0]));
	if (!r->asks)
		return -ENOMEM;
	int result = libunbound_open(&r->unbound);
	if (result >= 0)
		result = event_loop_open(setup->loop, &r->events);
	if (result >= 0)
		result = open_context(r, &r->context);
	if (result < 0)
		return result;
	*ret = take_ptr(r);
	return OK;
}

static void end_context(struct resolver *r)
{
	r->is_ending = true;
	if (r->context)
		r->unbound.free(r->context);
	r->is_ending = false;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	end_context(r);
	event_loop_close(r->events);
	free(r->asks);
	free(r);
}

static void on_answer(void *context, int rcode, void *packet, int size, int security, char *why,
                      int limited)
{
	struct ask *ask = context;
	struct resolver *r = ask->of;
	(void)limited;
	if (r->is_ending)
		return;
	ask->is_waiting = false;
	struct upstream_answer answer = {
		.rcode = rcode,
		.packet = view_of(packet, packet && rcode == 0 && size > 0 ? (size_t)size : 0),
		.is_bogus = security == 1,
		.is_secure = security == 2,
		.is_repeated = true, /* libunbound keeps it, up to the end of its last second */
		.ede = security == 1 ? why_bogus_code(why) : 0};
	r->setup.answered(r->setup.context, (uint32_t)(ask - r->asks), &answer);
}

bool resolver_has_connection(const struct resolver *r, const struct endpoint *from,
                             const struct endpoint *to)
{
	return event_loop_has_connection(r->events, from, to);
}

/* The answer may come before this returns. */
static int hand_over(struct resolver *r, struct ask *ask)
{
	char text[DNAME_TEXT_SIZE + 1];
	dname_print(&ask->name, text);
	size_t size = strlen(text);
	if (ask->name.labels) /* the final dot keeps a search list away */
		memcpy(text + size, ".", 2);
	ask->generation = r->generation;
	ask->is_waiting = true;
	int result =
		r->unbound.resolve(r->context, text, ask->type, DNS_CLASS_IN, ask, on_answer, NULL);
	if (result == 0)
		return OK;
	ask->is_waiting = false;
	return ERR_INVALID;
}

int resolver_ask(struct resolver *r, const struct dname *name, uint16_t type, uint32_t token)
{
	assert(token < r->setup.tokens_max);
	struct ask *ask = &r->asks[token];
	ask->of = r;
	ask->name = *name;
	ask->type = type;
	return hand_over(r, ask);
}

int resolver_forget(struct resolver *r)
{
	struct ub_ctx *fresh;
	int result = open_context(r, &fresh);
	if (result < 0)
		return result;
	end_context(r);
	r->context = fresh;
	r->generation++;
	return OK;
}

static void ask_again(struct resolver *r, struct ask *ask)
{
	static const struct upstream_answer refused = {.rcode = DNS_RCODE_SERVFAIL};
	if (hand_over(r, ask) < 0)
		r->setup.answered(r->setup.context, (uint32_t)(ask - r->asks), &refused);
}

bool resolver_resume(struct resolver *r, uint32_t *place)
{
	uint32_t end = r->setup.tokens_max - *place < TOKENS_A_STEP ? r->setup.tokens_max
	                                                            : *place + TOKENS_A_STEP;
	for (unsigned asked = 0; *place < end && asked < ASKED_A_STEP; ++*place) {
		struct ask *ask = &r->asks[*place];
		if (!ask->is_waiting || ask->generation == r->generation)
			continue;
		ask_again(r, ask);
		asked++;
	}
	return *place < r->setup.tokens_max;
}
