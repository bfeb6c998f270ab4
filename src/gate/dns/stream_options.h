/* stream_options.h - what is offered over connections (TCP, TLS, HTTPS), in the configuration file. */
#pragma once

#include "config/schema.h"

struct dns_tcp_options {
	int64_t connections_max, connections_per_client;
	int64_t idle_us;
};

struct dns_tls_options {
	struct schema_list listen;     /* of struct endpoint; none: not offered */
	const char *certificate, *key; /* NULL: made under the organisation's own authority */
	struct dns_tcp_options limits;
	struct config_place place;
};

struct dns_https_options {
	struct schema_list listen; /* of struct endpoint; none: not offered */
	const char *path;
	const char *certificate, *key; /* NULL: those of struct dns_tls_options */
	struct dns_tcp_options limits;
	struct config_place place;
};

struct dns_proxy_options {
	struct schema_list from; /* of struct prefix */
};

extern const struct schema dns_tcp_schema, dns_tls_schema, dns_https_schema, dns_proxy_schema;
