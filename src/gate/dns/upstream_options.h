/* upstream_options.h - where answers come from: the part of options.h that says it. */
#pragma once

#include "config/schema.h"

struct dns_upstream_options {
	struct schema_list forward; /* of const char *, each as upstream.h says; none: recursion */
	const char *root_hints, *trust_anchor, *ca_file;
	int64_t timeout_us;
	int64_t questions_max, waiting_max; /* of each worker */
	bool validate, minimise, harden_referral, random_case, special_names;
};

/* One zone that goes another way. */
struct dns_zone_options {
	const char *zone;
	struct schema_list forward, stub; /* of const char *, as above */
	struct schema_list records;       /* of const char *, each as local_record.h says */
	const char *trust_anchor;         /* NULL: there is none of its own */
	bool validate;
	struct config_place place;
};

/* Whether signatures are checked, if there is a key to check them with. */
bool dns_may_validate(const struct dns_upstream_options *o);
/* The same in a zone: by its own key whatever holds for all others. */
bool dns_zone_may_validate(const struct dns_upstream_options *o,
                           const struct dns_zone_options *zone);

extern const struct schema dns_upstream_schema, dns_zone_schema;
