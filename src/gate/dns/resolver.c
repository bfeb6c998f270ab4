#include "gate/dns/resolver.h"

#include <assert.h>
#include <errno.h>
#include <unbound-event.h>
#include <unbound.h>

#include "base/cleanup.h"
#include "gate/dns/event_loop.h"
#include "gate/dns/resolver_settings.h"
#include "gate/dns/why_bogus.h"

/* Its place in the table is the token. */
struct ask {
	struct resolver *of;
};

struct resolver {
	struct ub_ctx *context;
	struct event_loop *events;
	resolver_fn *answered;
	void *answered_context;
	uint32_t tokens_max;
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
static int build_up(struct resolver *r)
{
	int failed = ub_resolve_event(r->context, "localhost.", DNS_TYPE_A, DNS_CLASS_IN, r,
	                              on_warm, NULL);
	if (failed)
		return ERR_INVALID; /* libunbound has said on the standard error what it dislikes */
	ub_ctx_debugout(r->context, NULL);
	return OK;
}

int resolver_new(const struct resolver_setup *setup, struct resolver **ret)
{
	cleanup(resolver) struct resolver *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->answered = setup->answered;
	r->answered_context = setup->context;
	r->tokens_max = setup->tokens_max;
	r->asks = calloc(setup->tokens_max, sizeof(r->asks[0]));
	if (!r->asks)
		return -ENOMEM;
	int result = event_loop_open(setup->loop, &r->events);
	if (result < 0)
		return result;
	r->context = ub_ctx_create_ub_event(event_loop_base(r->events));
	if (!r->context)
		return -ENOMEM;
	result = resolver_configure(r->context, setup->options, setup->relay);
	if (result >= 0)
		result = build_up(r);
	if (result < 0)
		return result;
	*ret = take_ptr(r);
	return OK;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	if (r->context)
		ub_ctx_delete(r->context);
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
	struct upstream_answer answer = {
		.rcode = rcode,
		.packet = view_of(packet, packet && rcode == 0 && size > 0 ? (size_t)size : 0),
		.is_bogus = security == 1,
		.is_secure = security == 2,
		.is_repeated = true, /* libunbound keeps it, up to the end of its last second */
		.ede = security == 1 ? why_bogus_code(why) : 0};
	r->answered(r->answered_context, (uint32_t)(ask - r->asks), &answer);
}

bool resolver_has_connection(const struct resolver *r, const struct endpoint *from,
                             const struct endpoint *to)
{
	return event_loop_has_connection(r->events, from, to);
}

int resolver_ask(struct resolver *r, const struct dname *name, uint16_t type, uint32_t token)
{
	char text[DNAME_TEXT_SIZE + 1];
	assert(token < r->tokens_max);
	dname_print(name, text);
	size_t size = strlen(text);
	if (name->labels) /* the final dot keeps a search list away */
		memcpy(text + size, ".", 2);
	struct ask *ask = &r->asks[token];
	ask->of = r;
	int result = ub_resolve_event(r->context, text, type, DNS_CLASS_IN, ask, on_answer, NULL);
	return result == 0 ? OK : ERR_INVALID;
}
