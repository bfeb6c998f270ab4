#include "gate/dns/stream_options.h"

#include <string.h>

#define PATH_BYTES "/-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static int check_pair(const char *certificate, const char *key, const char **ret_expected)
{
	if (certificate || !key)
		return OK;
	*ret_expected = "certificate beside `key`";
	return ERR_INVALID;
}

static int check_tls(const void *value, const char **ret_expected)
{
	const struct dns_tls_options *o = value;
	return check_pair(o->certificate, o->key, ret_expected);
}

static int check_https(const void *value, const char **ret_expected)
{
	const struct dns_https_options *o = value;
	return check_pair(o->certificate, o->key, ret_expected);
}

static int check_path(const void *value, const char **ret_expected)
{
	const char *path = *(const char *const *)value;
	if (path[0] == '/' && strspn(path + 1, PATH_BYTES) == strlen(path + 1))
		return OK;
	*ret_expected = "a path as /dns-query, of letters, digits and / - . _ ~";
	return ERR_INVALID;
}

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
const struct schema dns_tcp_schema = {.name = "tcp", .size = sizeof(struct dns_tcp_options),
	.fields = tcp_fields, .help = "DNS over TCP."};

#define AT(member) .offset = offsetof(struct dns_tls_options, member)
static const struct schema_field tls_fields[] = {
	{.name = "listen", .type = SCHEMA_LIST, AT(listen), .item = &schema_endpoint, .list_max = 64,
	 .flags = SCHEMA_UNIQUE,
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
	 .flags = SCHEMA_UNIQUE,
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
	 .help = "Addresses of proxies that begin every connection and every datagram with the PROXY header, version 2: "
		 "what they say of the client is believed. Without it they are not answered."},
	{.name = NULL},
};
#undef AT
const struct schema dns_proxy_schema = {.name = "proxy_protocol",
	.size = sizeof(struct dns_proxy_options), .fields = proxy_fields,
	.help = "Load balancers before the gate."};
/* clang-format on */
