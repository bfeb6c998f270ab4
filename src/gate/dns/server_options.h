/* server_options.h - how clients that come by TLS or HTTPS know the gate, in the configuration file. */
#pragma once

#include <stdint.h>

#include "config/schema.h"

enum { DNS_SERVER_NAMES_MAX = 16, DNS_SERVER_ADDRESSES_MAX = 64 };

struct dns_server_options {
	struct schema_list names; /* of const char *; the first is the one that clients are told */
	struct schema_list addresses; /* of struct prefix, each one address */
	const char *authority_directory;
	int64_t certificate_life_us;
	struct config_place place;
};

extern const struct schema dns_server_schema;
