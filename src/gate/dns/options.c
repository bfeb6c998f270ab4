#include "gate/dns/options.h"

#include <net/if.h>
#include <string.h>

#include "gate/dns/upstream.h"

const char *const xdp_mode_names[] = {"off", "auto", "required", NULL};

enum { MIB = 1 << 20 };

#define AT(member) .offset = offsetof(struct dns_cache_options, member)
static const struct schema_field cache_fields[] = {
	{.name = "size",
         .type = SCHEMA_SIZE,
         AT(size),
         .min = MIB,
         .max = INT64_C(1) << 40,
         .default_text = "64 MiB",
         .help = "Memory for answers, divided among the workers."},
	{.name = "ttl_min",
         .type = SCHEMA_DURATION,
         AT(ttl_min_us),
         .min = 0,
         .max = 3600 * SECOND_US,
         .default_text = "0 s",
         .help = "Answers are kept at least so long."},
	{.name = "ttl_max",
         .type = SCHEMA_DURATION,
         AT(ttl_max_us),
         .min = SECOND_US,
         .max = 7 * DAY_US,
         .default_text = "1 days",
         .help = "Answers are kept at most so long."},
	{.name = "negative_ttl_max",
         .type = SCHEMA_DURATION,
         AT(negative_ttl_max_us),
         .min = SECOND_US,
         .max = DAY_US,
         .default_text = "1 h",
         .help = "That a name or record does not exist is kept at most so long."},
	{.name = "failure_ttl",
         .type = SCHEMA_DURATION,
         AT(failure_ttl_us),
         .min = SECOND_US,
         .max = 300 * SECOND_US,
         .default_text = "5 s",
         .help = "A failure to resolve is kept so long (RFC 9520)."},
	{.name = "stale_max",
         .type = SCHEMA_DURATION,
         AT(stale_max_us),
         .min = 0,
         .max = 7 * DAY_US,
         .default_text = "1 days",
         .help = "While nobody upstream answers, an answer whose time is over serves so much longer (RFC 8767); 0 s: "
                 "never."},
	{.name = "stale_wait",
         .type = SCHEMA_DURATION,
         AT(stale_wait_us),
         .min = 0,
         .max = 60 * SECOND_US,
         .default_text = "1800 ms",
         .help = "So long a client waits for a fresh answer before it gets such a one."},
	{.name = "prefetch",
         .type = SCHEMA_BOOL,
         AT(prefetch),
         .default_text = "yes",
         .help = "Renew answers that are asked for in the last tenth of their time."},
	{.name = NULL},
};
#undef AT
static const struct schema cache_schema = {.name = "cache",
                                           .size = sizeof(struct dns_cache_options),
                                           .fields = cache_fields,
                                           .help = "Answers kept in memory."};

#define AT(member) .offset = offsetof(struct dns_rate_options, member)
static const struct schema_field rate_fields[] = {
	{.name = "responses",
         .type = SCHEMA_INT,
         AT(responses_per_second),
         .min = 1,
         .max = 1000000,
         .default_text = "5",
         .unit = "a second",
         .help = "Answers that a network (/24 or /56) outside the organisation may get."},
	{.name = "slip",
         .type = SCHEMA_INT,
         AT(slip),
         .min = 0,
         .max = 100,
         .default_text = "2",
         .help = "Of the answers over the rate each so-many-th is sent truncated; 0 for none."},
	{.name = "networks",
         .type = SCHEMA_INT,
         AT(networks),
         .min = 16,
         .max = 1 << 24,
         .default_text = "16384",
         .help = "How many such networks, clients and names are told apart at a time."},
	{.name = "client_queries",
         .type = SCHEMA_INT,
         AT(client_queries_per_second),
         .min = 0,
         .max = 1000000,
         .default_text = "0",
         .unit = "a second",
         .help = "Queries that each worker takes from one address of the organisation; 0 for no limit."},
	{.name = "misses",
         .type = SCHEMA_INT,
         AT(misses_per_second),
         .min = 0,
         .max = 1000000,
         .default_text = "200",
         .unit = "a second",
         .help = "Questions below one name that each worker asks the upstream without finding anything; 0 for no "
                 "limit."},
	{.name = NULL},
};
#undef AT
static const struct schema rate_schema = {.name = "rate",
                                          .size = sizeof(struct dns_rate_options),
                                          .fields = rate_fields,
                                          .help = "Limits on what clients and names may cost."};

static const struct schema_field interface_name = {
	.type = SCHEMA_TEXT, .min = 1, .max = IF_NAMESIZE - 1};

#define AT(member) .offset = offsetof(struct dns_xdp_options, member)
static const struct schema_field xdp_fields[] = {
	{.name = "mode",
         .type = SCHEMA_CHOICE,
         AT(mode),
         .choices = xdp_mode_names,
         .default_text = "auto",
         .help = "off; auto (where the driver can and no packet filter would be passed by, else "
                 "sockets); or required (the start is refused where it cannot be; packet filters "
                 "do not see what is answered so)."},
	{.name = "interfaces",
         .type = SCHEMA_LIST,
         AT(interfaces),
         .item = &interface_name,
         .flags = SCHEMA_UNIQUE,
         .list_max = 16,
         .help = "Names of interfaces; without any, those that have an address of `listen`."},
	{.name = NULL},
};
#undef AT
static const struct schema xdp_schema = {
	.name = "xdp",
	.size = sizeof(struct dns_xdp_options),
	.fields = xdp_fields,
	.help = "Answers over UDP without the system's socket layer (AF_XDP)."};

/* Whether who asks `at` may meet one of these. */
static bool is_met(const struct schema_list *listen, const struct endpoint *at)
{
	static const uint8_t loopback[16] = {[15] = 1};
	const struct endpoint *all = listen->items;
	bool is_here = at->family == ADDRESS_V4
	                       ? at->bytes[0] == 127
	                       : memcmp(at->bytes, loopback, sizeof(loopback)) == 0;
	for (size_t i = 0; i < listen->count; i++) {
		bool hears_all = all[i].family == at->family && endpoint_is_wildcard(&all[i]);
		if (all[i].port && all[i].port == at->port &&
		    (endpoint_equal(&all[i], at) || (hears_all && is_here)))
			return true;
	}
	return false;
}

static bool any_is_met(const struct schema_list *listen, const struct schema_list *other)
{
	const struct endpoint *all = other->items;
	for (size_t i = 0; i < other->count; i++) {
		if (is_met(listen, &all[i]))
			return true;
	}
	return false;
}

/* Whether one of the servers is this gate. */
static bool asks_itself(const struct dns_options *o, const struct schema_list *servers)
{
	const char *const *texts = servers->items;
	struct upstream u;
	for (size_t i = 0; i < servers->count; i++) {
		if (upstream_parse(view_text(texts[i]), &u) == OK &&
		    is_met(u.transport == UPSTREAM_TLS ? &o->tls.listen : &o->listen, &u.at))
			return true;
	}
	return false;
}

static int check_addresses(const void *value, const char **ret_expected)
{
	const struct dns_options *o = value;
	const struct dns_zone_options *zones = o->zones.items;
	bool is_loop = asks_itself(o, &o->upstream.forward);
	for (size_t i = 0; i < o->zones.count; i++)
		is_loop |= asks_itself(o, &zones[i].forward) || asks_itself(o, &zones[i].stub);
	if (is_loop)
		*ret_expected = "servers under `forward` and `stub` that are not this gate itself";
	else if (any_is_met(&o->listen, &o->tls.listen) ||
	         any_is_met(&o->listen, &o->https.listen) ||
	         any_is_met(&o->tls.listen, &o->https.listen))
		*ret_expected = "each address and port under one `listen` alone";
	else
		return OK;
	return ERR_INVALID;
}

#define AT(member) .offset = offsetof(struct dns_options, member)
static const struct schema_field fields[] = {
	{.name = "listen",
         .type = SCHEMA_LIST,
         AT(listen),
         .item = &schema_endpoint,
         .flags = SCHEMA_UNIQUE,
         .min = 1,
         .list_max = 64,
         .default_text = "[\"127.0.0.1:5353\", \"[::1]:5353\"]",
         .help = "Addresses to answer on, over UDP and TCP."},
	{.name = "workers",
         .type = SCHEMA_INT,
         AT(workers),
         .min = 0,
         .max = 256,
         .default_text = "0",
         .help = "Threads that answer; 0 for one a processor."},
	{.name = "cookies",
         .type = SCHEMA_BOOL,
         AT(cookies),
         .default_text = "yes",
         .help = "Give DNS cookies (RFC 7873), which prove that a client has not forged its address."},
	{.name = "nsid",
         .type = SCHEMA_TEXT,
         AT(nsid),
         .min = 1,
         .max = 64,
         .help = "What this server calls itself to clients that ask (RFC 5001)."},
	{.name = "block",
         .type = SCHEMA_STRUCT,
         AT(block),
         .child = &dns_block_schema,
         .help = "How blocked names are answered."},
	{.name = "canaries",
         .type = SCHEMA_BOOL,
         AT(canaries),
         .default_text = "yes",
         .help = "Say that names do not exist by which browsers and devices ask whether they may leave "
                 "this resolver for encrypted DNS or a relay elsewhere."},
	{.name = "cache",
         .type = SCHEMA_STRUCT,
         AT(cache),
         .child = &cache_schema,
         .help = "Answers kept in memory."},
	{.name = "rate",
         .type = SCHEMA_STRUCT,
         AT(rate),
         .child = &rate_schema,
         .help = "Limits on what clients and names may cost."},
	{.name = "tcp",
         .type = SCHEMA_STRUCT,
         AT(tcp),
         .child = &dns_tcp_schema,
         .help = "DNS over TCP."},
	{.name = "server",
         .type = SCHEMA_STRUCT,
         AT(server),
         .child = &dns_server_schema,
         .help = "How clients know the gate when they come by TLS or HTTPS."},
	{.name = "tls",
         .type = SCHEMA_STRUCT,
         AT(tls),
         .child = &dns_tls_schema,
         .help = "DNS over TLS (DoT)."},
	{.name = "https",
         .type = SCHEMA_STRUCT,
         AT(https),
         .child = &dns_https_schema,
         .help = "DNS over HTTPS (DoH)."},
	{.name = "proxy_protocol",
         .type = SCHEMA_STRUCT,
         AT(proxy),
         .child = &dns_proxy_schema,
         .help = "Load balancers before the gate."},
	{.name = "upstream",
         .type = SCHEMA_STRUCT,
         AT(upstream),
         .child = &dns_upstream_schema,
         .help = "Where answers to allowed names come from."},
	{.name = "dnstap",
         .type = SCHEMA_STRUCT,
         AT(dnstap),
         .child = &dnstap_options_schema,
         .help = "Queries and answers to a reader of dnstap."},
	{.name = "query_log",
         .type = SCHEMA_STRUCT,
         AT(query_log),
         .child = &query_log_options_schema,
         .help = "Queries as lines of JSON."},
	{.name = "xdp",
         .type = SCHEMA_STRUCT,
         AT(xdp),
         .child = &xdp_schema,
         .help = "Answers over UDP without the system's socket layer (AF_XDP)."},
	{.name = "zones",
         .type = SCHEMA_LIST,
         AT(zones),
         .child = &dns_zone_schema,
         .list_max = 1024,
         .help = "Zones that go another way than all others: inner ones, and records of your own."},
	{.name = NULL},
};
#undef AT

const struct schema dns_options_schema = {.name = "dns",
                                          .size = sizeof(struct dns_options),
                                          .fields = fields,
                                          .help = "The DNS gate.",
                                          .check = check_addresses,
                                          .place_offset = offsetof(struct dns_options, place)};
