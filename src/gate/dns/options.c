#include "gate/dns/options.h"

#include <net/if.h>

const char *const xdp_mode_names[] = {"off", "auto", "required", NULL};

enum { MIB = 1 << 20 };

#define PATH_BYTES "/-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static int check_v4(const void *value, const char **ret_expected)
{
	const struct prefix *p = value;
	if (p->family == ADDRESS_NONE || (p->family == ADDRESS_V4 && p->bits == 32))
		return OK;
	*ret_expected = "one IPv4 address";
	return ERR_INVALID;
}

static int check_v6(const void *value, const char **ret_expected)
{
	const struct prefix *p = value;
	if (p->family == ADDRESS_NONE || (p->family == ADDRESS_V6 && p->bits == 128))
		return OK;
	*ret_expected = "one IPv6 address";
	return ERR_INVALID;
}

static int check_block(const void *value, const char **ret_expected)
{
	const struct dns_block_options *b = value;
	if (b->form != BLOCK_ADDRESS || b->address4.family || b->address6.family)
		return OK;
	*ret_expected = "address4 or address6 beside `form: address`";
	return ERR_INVALID;
}

static int check_tls(const void *value, const char **ret_expected)
{
	const struct dns_tls_options *o = value;
	if (o->certificate || !o->key)
		return OK;
	*ret_expected = "certificate beside `key`";
	return ERR_INVALID;
}

static int check_https(const void *value, const char **ret_expected)
{
	const struct dns_https_options *o = value;
	if (o->certificate || !o->key)
		return OK;
	*ret_expected = "certificate beside `key`";
	return ERR_INVALID;
}

static int check_path(const void *value, const char **ret_expected)
{
	const char *path = *(const char *const *)value;
	if (path[0] == '/' && strspn(path + 1, PATH_BYTES) == strlen(path + 1))
		return OK;
	*ret_expected = "a path as /dns-query, of letters, digits and / - . _ ~";
	return ERR_INVALID;
}

#define AT(member) .offset = offsetof(struct dns_block_options, member)
static const struct schema_field block_fields[] = {
	{.name = "form",
         .type = SCHEMA_CHOICE,
         AT(form),
         .choices = block_form_names,
         .default_text = "nxdomain",
         .help = "Answer to a blocked name: nxdomain (no such name), nodata (no such record), null "
                 "(0.0.0.0 and ::), refused, or address (of a page that explains)."},
	{.name = "address4",
         .type = SCHEMA_PREFIX,
         AT(address4),
         .check = check_v4,
         .help = "IPv4 address of the page that explains, for `form: address`."},
	{.name = "address6",
         .type = SCHEMA_PREFIX,
         AT(address6),
         .check = check_v6,
         .help = "IPv6 address of the page that explains, for `form: address`."},
	{.name = "ttl",
         .type = SCHEMA_DURATION,
         AT(ttl_us),
         .min = 0,
         .max = DAY_US,
         .default_text = "60 s",
         .help = "How long clients may keep a block; short, so that an exemption is soon felt."},
	{.name = "structured_option",
         .type = SCHEMA_INT,
         AT(structured_option),
         .min = 0,
         .max = 65535,
         .default_text = "65001",
         .help = "EDNS option by which clients ask for structured errors; it has no assigned number yet. 0: none."},
	{.name = NULL},
};
#undef AT
static const struct schema block_schema = {.name = "block",
                                           .size = sizeof(struct dns_block_options),
                                           .fields = block_fields,
                                           .help = "How blocked names are answered.",
                                           .check = check_block};

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

/* clang-format off */
/* The limits of connections: `of` has them as `member`. */
#define LIMIT_ROWS(of, member, kind, most, silence)                                             \
	{.name = "connections", .type = SCHEMA_INT, .offset = offsetof(of, member connections_max), \
	 .min = 1, .max = 65536, .default_text = most,                                             \
	 .help = "Most " kind " connections of each worker."},                                     \
	{.name = "connections_per_client", .type = SCHEMA_INT,                                     \
	 .offset = offsetof(of, member connections_per_client), .min = 1, .max = 65536,          \
	 .default_text = "32", .help = "Most " kind " connections of one address."},               \
	{.name = "idle", .type = SCHEMA_DURATION, .offset = offsetof(of, member idle_us),        \
	 .min = SECOND_US / 10, .max = 600 * SECOND_US, .default_text = silence,                   \
	 .help = "A connection on which no whole query comes for so long is closed; sooner when places run out."}

static const struct schema_field tcp_fields[] = {
	LIMIT_ROWS(struct dns_tcp_options, , "TCP", "512", "10 s"),
	{.name = NULL},
};
static const struct schema tcp_schema = {.name = "tcp", .size = sizeof(struct dns_tcp_options),
	.fields = tcp_fields, .help = "DNS over TCP."};

#define AT(member) .offset = offsetof(struct dns_tls_options, member)
static const struct schema_field tls_fields[] = {
	{.name = "listen", .type = SCHEMA_LIST, AT(listen), .item = &schema_endpoint, .list_max = 64,
	 .help = "Addresses to answer on, usually port 853; without any it is not offered."},
	{.name = "certificate", .type = SCHEMA_TEXT, AT(certificate), .min = 1, .max = 4000,
	 .help = "File (PEM) with the certificate, then those above it. Read again by `writ reload`. Left out: one "
		 "of the organisation's own authority."},
	{.name = "key", .type = SCHEMA_TEXT, AT(key), .min = 1, .max = 4000,
	 .help = "File (PEM) with its private key; left out: in the file of the certificate."},
	LIMIT_ROWS(struct dns_tls_options, limits., "TLS", "4096", "30 s"),
	{.name = NULL},
};
#undef AT
const struct schema dns_tls_schema = {.name = "tls", .size = sizeof(struct dns_tls_options),
	.fields = tls_fields, .help = "DNS over TLS (DoT).", .check = check_tls,
	.place_offset = offsetof(struct dns_tls_options, place)};

#define AT(member) .offset = offsetof(struct dns_https_options, member)
static const struct schema_field https_fields[] = {
	{.name = "listen", .type = SCHEMA_LIST, AT(listen), .item = &schema_endpoint, .list_max = 64,
	 .help = "Addresses to answer on, usually port 443; without any it is not offered."},
	{.name = "path", .type = SCHEMA_TEXT, AT(path), .min = 1, .max = 200, .check = check_path,
	 .default_text = "/dns-query", .help = "Where queries are taken, as in https://name/dns-query."},
	{.name = "certificate", .type = SCHEMA_TEXT, AT(certificate), .min = 1, .max = 4000,
	 .help = "As of `tls`, whose certificate and key are used without it."},
	{.name = "key", .type = SCHEMA_TEXT, AT(key), .min = 1, .max = 4000,
	 .help = "As of `tls`; only beside a certificate of its own."},
	LIMIT_ROWS(struct dns_https_options, limits., "HTTPS", "4096", "60 s"),
	{.name = NULL},
};
#undef AT
const struct schema dns_https_schema = {.name = "https", .size = sizeof(struct dns_https_options),
	.fields = https_fields, .help = "DNS over HTTPS (DoH).", .check = check_https,
	.place_offset = offsetof(struct dns_https_options, place)};

#define AT(member) .offset = offsetof(struct dns_proxy_options, member)
static const struct schema_field proxy_fields[] = {
	{.name = "from", .type = SCHEMA_LIST, AT(from), .item = &schema_prefix, .list_max = 64,
	 .help = "Addresses of proxies that begin every connection with the PROXY header, version 2: "
		 "what they say of the client is believed. Without it they are not answered."},
	{.name = NULL},
};
#undef AT
static const struct schema proxy_schema = {.name = "proxy_protocol",
	.size = sizeof(struct dns_proxy_options), .fields = proxy_fields,
	.help = "Load balancers before the gate (TCP, TLS, HTTPS)."};
/* clang-format on */

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

#define AT(member) .offset = offsetof(struct dns_options, member)
static const struct schema_field fields[] = {
	{.name = "listen",
         .type = SCHEMA_LIST,
         AT(listen),
         .item = &schema_endpoint,
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
         .child = &block_schema,
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
         .child = &tcp_schema,
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
         .child = &proxy_schema,
         .help = "Load balancers before the gate (TCP, TLS, HTTPS)."},
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
                                          .place_offset = offsetof(struct dns_options, place)};
