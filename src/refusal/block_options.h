/* block_options.h - how blocked names are answered, in the configuration file. */
#pragma once

#include "base/prefix.h"
#include "config/schema.h"
#include "policy/vocabulary.h"

struct dns_block_options {
	int form;                         /* enum block_form */
	struct prefix address4, address6; /* of the page that explains, for BLOCK_ADDRESS */
	int64_t ttl_us;
	int64_t structured_option; /* number of an EDNS option, or 0 */
};

extern const struct schema dns_block_schema;
