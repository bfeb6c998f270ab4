#include "gate/dns/resolver_settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/timestamp.h"
#include "gate/dns/relay.h"
#include "gate/dns/special.h"
#include "gate/dns/upstream.h"
#include "wire/dname.h"

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

static const char *anchor_of(const struct dns_upstream_options *o)
{
	if (!dns_may_validate(o))
		return NULL;
	if (o->trust_anchor)
		return o->trust_anchor;
	return access(system_anchor, R_OK) == 0 ? system_anchor : NULL;
}

static bool has_anchor(const struct dns_options *o)
{
	const struct dns_zone_options *zones = o->zones.items;
	bool has = anchor_of(&o->upstream) != NULL;
	for (size_t i = 0; i < o->zones.count; i++)
		has |= zones[i].trust_anchor != NULL;
	return has;
}

static const char *yes_no(bool value)
{
	return value ? "yes" : "no";
}

/* Without a value: left as libunbound has it. */
static int set_all(const struct libunbound *lib, struct ub_ctx *c, const struct setting *rows,
                   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].value && lib->set_option(c, rows[i].name, rows[i].value) != 0)
			return ERR_INVALID;
	}
	return OK;
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { SECONDS_TEXT_SIZE = 24 };

static const char *seconds(int64_t us, char text[static SECONDS_TEXT_SIZE])
{
	(void)snprintf(text, SECONDS_TEXT_SIZE, "%" PRId64, us / SECOND_US);
	return text;
}

static int set_options(const struct libunbound *lib, struct ub_ctx *c, const struct dns_options *o)
{
	const struct dns_upstream_options *u = &o->upstream;
	bool has_own_servers = u->forward.count || o->zones.count;
	char ttl_max[SECONDS_TEXT_SIZE], negative_ttl_max[SECONDS_TEXT_SIZE];
	const struct setting chosen[] = {
		/* a forwarder has no delegations to be remembered */
		{"rrset-cache-size:", u->forward.count ? "1m" : "8m"},
		{"cache-max-ttl:", seconds(o->cache.ttl_max_us, ttl_max)},
		{"cache-max-negative-ttl:",
	         seconds(o->cache.negative_ttl_max_us, negative_ttl_max)},
		/* servers of the organisation may run on this machine */
		{"do-not-query-localhost:", yes_no(!has_own_servers)},
		{"module-config:", has_anchor(o) ? "validator iterator" : "iterator"},
		{"qname-minimisation:", yes_no(u->minimise)},
		{"use-caps-for-id:", yes_no(u->random_case)},
		{"harden-referral-path:", yes_no(u->harden_referral)},
		{"root-hints:", u->root_hints},
		{"trust-anchor-file:", anchor_of(u)},
	};
	int r = set_all(lib, c, settings, COUNT(settings));
	return r < 0 ? r : set_all(lib, c, chosen, COUNT(chosen));
}

enum { SERVER_TEXT_SIZE = PREFIX_TEXT_SIZE + 8 };

/* libunbound writes a port after `@`. */
static const char *print_server(const struct endpoint *at, char ret[static SERVER_TEXT_SIZE])
{
	char host[PREFIX_TEXT_SIZE];
	prefix_print_address(at->bytes, (enum address_family)at->family, host);
	(void)snprintf(ret, SERVER_TEXT_SIZE, "%s@%u", host, at->port);
	return ret;
}

static int set_zone(const struct libunbound *lib, struct ub_ctx *c,
                    const struct dns_zone_options *zone)
{
	const char *const *texts = zone->stub.items;
	struct upstream u;
	int failed = 0;
	for (size_t i = 0; !failed && i < zone->stub.count; i++) {
		char text[SERVER_TEXT_SIZE];
		failed = upstream_parse(view_text(texts[i]), &u) < 0 ||
		         lib->set_stub(c, zone->zone, print_server(&u.at, text), 0) != 0;
	}
	if (!failed && !zone->validate)
		failed = lib->set_option(c, "domain-insecure:", zone->zone);
	/* beside those of before, not instead */
	if (!failed && zone->trust_anchor)
		failed = lib->set_option(c, "trust-anchor-file:", zone->trust_anchor);
	return failed ? ERR_INVALID : OK;
}

/* The relay. */

/* A quotation mark would end the name in libunbound's file. */
static void write_forward(FILE *file, const struct dname *zone, const char *server)
{
	char name[DNAME_TEXT_SIZE];
	(void)fputs("forward-zone:\n\tname: \"", file);
	for (const char *c = dname_print(zone, name); *c; c++)
		(void)(*c == '"' ? fputs("\\034", file) : fputc(*c, file));
	(void)fprintf(file, "\"\n\tforward-addr: %s\n", server);
}

static void write_forwards(FILE *file, const struct dns_options *o, const char *server)
{
	static const struct dname root = {.size = 1};
	const struct dns_zone_options *zones = o->zones.items;
	struct dname name;
	if (o->upstream.forward.count)
		write_forward(file, &root, server);
	for (size_t i = 0; i < o->zones.count; i++) {
		if (zones[i].forward.count &&
		    dname_parse_text(view_text(zones[i].zone), &name) == OK)
			write_forward(file, &name, server);
	}
}

/* Forwarders of a zone have no function of libunbound's, only a place in its file, which is one of memory. */
static int set_forwards(const struct libunbound *lib, struct ub_ctx *c, const struct dns_options *o,
                        const char *server)
{
	char path[64];
	cleanup(fd) int fd = memfd_create("forwards", MFD_CLOEXEC);
	cleanup(file) FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return -errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = -1; /* the file's */
	write_forwards(file, o, server);
	if (fflush(file) != 0)
		return -errno;
	return lib->config(c, path) == 0 ? OK : ERR_INVALID;
}

/* Names that are answered here have no signature that the root would know. */
static int set_special(const struct libunbound *lib, struct ub_ctx *c)
{
	int failed = 0;
	for (size_t i = 0; !failed && i < special_name_count; i++)
		failed = lib->set_option(c, "domain-insecure:", special_names[i].zone);
	return failed ? ERR_INVALID : OK;
}

static int set_relay(const struct libunbound *lib, struct ub_ctx *c, const struct dns_options *o,
                     const struct endpoint *relay)
{
	enum { SLACK_MS = 2000 }; /* it answers in time: see ways.c */
	char server[SERVER_TEXT_SIZE], timeout[32], queries[32], connections[32];
	(void)snprintf(timeout, sizeof(timeout), "%" PRId64,
	               o->upstream.timeout_us / 1000 + SLACK_MS);
	(void)snprintf(queries, sizeof(queries), "%d", RELAY_QUERIES_PER_CONNECTION);
	(void)snprintf(connections, sizeof(connections), "%" PRIu32,
	               relay_connections((uint32_t)o->upstream.questions_max));
	const struct setting chosen[] = {{"tcp-auth-query-timeout:", timeout},
	                                 {"max-reuse-tcp-queries:", queries},
	                                 {"outgoing-num-tcp:", connections}};
	int r = set_all(lib, c, chosen, COUNT(chosen));
	if (r == OK)
		r = set_forwards(lib, c, o, print_server(relay, server));
	return r == OK && o->upstream.special_names ? set_special(lib, c) : r;
}

int resolver_configure(const struct libunbound *lib, struct ub_ctx *c, const struct dns_options *o,
                       const struct endpoint *relay)
{
	const struct dns_zone_options *zones = o->zones.items;
	int r = set_options(lib, c, o);
	for (size_t i = 0; r == OK && i < o->zones.count; i++)
		r = set_zone(lib, c, &zones[i]);
	return r == OK && relay ? set_relay(lib, c, o, relay) : r;
}
