#include "gate/dns/resolver.h"

#include <assert.h>
#include <errno.h>
#include <unbound-event.h>
#include <unbound.h>

#include "base/cleanup.h"
#include "base/endpoint.h"
#include "gate/dns/event_loop.h"

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

struct setting {
	const char *name, *value;
};

/* What holds whatever the configuration says. Our own cache stands in front, so these are small. */
static const struct setting settings[] = {
	{"logfile:", ""},
	{"use-syslog:", "no"},
	{"verbosity:", "0"},
	{"do-daemonize:", "no"},
	{"edns-buffer-size:", "1232"},
	{"msg-cache-size:", "1m"},
	{"rrset-cache-size:", "8m"},
	{"key-cache-size:", "1m"},
	{"neg-cache-size:", "1m"},
	{"msg-cache-slabs:", "1"},
	{"rrset-cache-slabs:", "1"},
	{"infra-cache-slabs:", "1"},
	{"key-cache-slabs:", "1"},
	{"harden-glue:", "yes"},
	{"harden-dnssec-stripped:", "yes"},
	{"harden-below-nxdomain:", "yes"},
	{"harden-algo-downgrade:", "yes"},
	{"harden-large-queries:", "yes"},
	{"use-caps-for-id:", "no"},
	{"outgoing-range:", "512"},
	{"num-queries-per-thread:", "1024"},
	{"do-ip4:", "yes"},
	{"do-ip6:", "yes"},
};

/* A forwarder is the organisation's own and knows its private zones. There are no delegations to be
 * remembered. */
static const struct setting forward_settings[] = {
	{"rrset-cache-size:", "1m"},
	{"unblock-lan-zones:", "yes"},
	{"insecure-lan-zones:", "yes"},
	{"do-not-query-localhost:", "no"},
};

static int set_all(struct ub_ctx *c, const struct setting *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (ub_ctx_set_option(c, rows[i].name, rows[i].value) != 0)
			return ERR_INVALID;
	}
	return OK;
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Where Debian and Ubuntu keep the root's key (package dns-root-data). */
static const char system_anchor[] = "/usr/share/dns/root.key";

/* A forwarder that strips signatures would make every name bogus: there the anchor must be asked for. */
static const char *anchor_of(const struct dns_upstream_options *o)
{
	if (!o->validate)
		return NULL;
	if (o->trust_anchor || o->forward.count)
		return o->trust_anchor;
	return access(system_anchor, R_OK) == 0 ? system_anchor : NULL;
}

static int set_options(struct ub_ctx *c, const struct dns_upstream_options *o)
{
	const char *anchor = anchor_of(o);
	const struct setting chosen[] = {
		{"module-config:", anchor ? "validator iterator" : "iterator"},
		{"qname-minimisation:", o->minimise ? "yes" : "no"},
		{"harden-referral-path:", o->harden_referral ? "yes" : "no"},
		{"root-hints:", o->root_hints},
		{"trust-anchor-file:", anchor},
	};
	int r = set_all(c, settings, COUNT(settings));
	for (size_t i = 0; r >= 0 && i < COUNT(chosen); i++) {
		if (chosen[i].value)
			r = set_all(c, &chosen[i], 1);
	}
	return r;
}

/* libunbound writes a port after `@`. */
static int set_forward(struct ub_ctx *c, const struct dns_upstream_options *o)
{
	const struct endpoint *forward = o->forward.items;
	for (size_t i = 0; i < o->forward.count; i++) {
		char host[PREFIX_TEXT_SIZE], text[PREFIX_TEXT_SIZE + 8];
		prefix_print_address(forward[i].bytes, (enum address_family)forward[i].family,
		                     host);
		(void)snprintf(text, sizeof(text), "%s@%u", host, forward[i].port);
		if (ub_ctx_set_fwd(c, text) != 0)
			return ERR_INVALID;
	}
	return o->forward.count ? set_all(c, forward_settings, COUNT(forward_settings)) : OK;
}

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
	result = set_options(r->context, setup->options);
	if (result >= 0)
		result = set_forward(r->context, setup->options);
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
	(void)why, (void)limited;
	struct upstream_answer answer = {
		.rcode = rcode,
		.packet = view_of(packet, packet && rcode == 0 && size > 0 ? (size_t)size : 0),
		.is_bogus = security == 1,
		.is_secure = security == 2};
	r->answered(r->answered_context, (uint32_t)(ask - r->asks), &answer);
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
