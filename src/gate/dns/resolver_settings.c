#include "gate/dns/resolver_settings.h"

#include <stdio.h>
#include <unbound.h>

#include "base/cleanup.h"
#include "gate/dns/upstream.h"

struct setting {
	const char *name, *value;
};

/* What holds whatever the configuration says. Our own cache stands in front, so these are small; and who is
 * private or special is our own table's to say. */
static const struct setting settings[] = {
	{"logfile:", ""},
	{"use-syslog:", "no"},
	{"verbosity:", "0"},
	{"do-daemonize:", "no"},
	{"edns-buffer-size:", "1232"},
	{"msg-cache-size:", "1m"},
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
	{"outgoing-range:", "512"},
	{"num-queries-per-thread:", "1024"},
	{"do-ip4:", "yes"},
	{"do-ip6:", "yes"},
	{"unblock-lan-zones:", "yes"},
	{"insecure-lan-zones:", "yes"},
};

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

static const char *yes_no(bool value)
{
	return value ? "yes" : "no";
}

/* Without a value: left as libunbound has it. */
static int set_all(struct ub_ctx *c, const struct setting *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].value && ub_ctx_set_option(c, rows[i].name, rows[i].value) != 0)
			return ERR_INVALID;
	}
	return OK;
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int set_options(struct ub_ctx *c, const struct dns_options *o)
{
	const struct dns_upstream_options *u = &o->upstream;
	const char *anchor = anchor_of(u);
	bool has_own_servers = u->forward.count || o->zones.count;
	const struct setting chosen[] = {
		/* a forwarder has no delegations to be remembered */
		{"rrset-cache-size:", u->forward.count ? "1m" : "8m"},
		/* servers of the organisation may run on this machine */
		{"do-not-query-localhost:", yes_no(!has_own_servers)},
		{"module-config:", anchor ? "validator iterator" : "iterator"},
		{"qname-minimisation:", yes_no(u->minimise)},
		{"use-caps-for-id:", yes_no(u->random_case)},
		{"harden-referral-path:", yes_no(u->harden_referral)},
		{"root-hints:", u->root_hints},
		{"trust-anchor-file:", anchor},
	};
	int r = set_all(c, settings, COUNT(settings));
	return r < 0 ? r : set_all(c, chosen, COUNT(chosen));
}

enum { SERVER_TEXT_SIZE = PREFIX_TEXT_SIZE + 8 };

/* libunbound writes a port after `@`. */
static int print_server(const char *text, struct upstream *u, char ret[static SERVER_TEXT_SIZE])
{
	char host[PREFIX_TEXT_SIZE];
	if (upstream_parse(view_text(text), u) < 0)
		return ERR_INVALID;
	prefix_print_address(u->at.bytes, (enum address_family)u->at.family, host);
	(void)snprintf(ret, SERVER_TEXT_SIZE, "%s@%u", host, u->at.port);
	return OK;
}

/* It has one transport for all servers: zones_check() has seen to it that they have one, and that it is not
 * TLS, which libunbound as Debian builds it (with Nettle) does not speak. */
static int set_forward(struct ub_ctx *c, const struct schema_list *servers)
{
	const char *const *texts = servers->items;
	struct upstream u = {0};
	int failed = 0;
	for (size_t i = 0; !failed && i < servers->count; i++) {
		char text[SERVER_TEXT_SIZE];
		failed = print_server(texts[i], &u, text) < 0 || ub_ctx_set_fwd(c, text) != 0;
	}
	if (!failed && u.transport == UPSTREAM_TCP)
		failed = ub_ctx_set_option(c, "tcp-upstream:", "yes");
	return failed ? ERR_INVALID : OK;
}

static int set_zone(struct ub_ctx *c, const struct dns_zone_options *zone)
{
	const char *const *texts = zone->stub.items;
	struct upstream u;
	int failed = 0;
	for (size_t i = 0; !failed && i < zone->stub.count; i++) {
		char text[SERVER_TEXT_SIZE];
		failed = print_server(texts[i], &u, text) < 0 ||
		         ub_ctx_set_stub(c, zone->zone, text, 0) != 0;
	}
	if (!failed && !zone->validate)
		failed = ub_ctx_set_option(c, "domain-insecure:", zone->zone);
	return failed ? ERR_INVALID : OK;
}

int resolver_configure(struct ub_ctx *c, const struct dns_options *o)
{
	const struct dns_zone_options *zones = o->zones.items;
	int r = set_options(c, o);
	for (size_t i = 0; r == OK && i < o->zones.count; i++)
		r = set_zone(c, &zones[i]);
	return r < 0 ? r : set_forward(c, &o->upstream.forward);
}
