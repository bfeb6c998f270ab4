/* product.h - a product of the catalogue as people write it: its facets' identifiers, with sources.
 *
 * The form is catalogue/README.md; `product_schema` is the same as rows. Values live in the arena they
 * were read into. */
#pragma once

#include "config/schema.h"
#include "policy/vocabulary.h"

struct product_source {
	const char *id, *cite, *note;
	struct config_place place;
};

struct product_identifier {
	const char *id;
	uint64_t facets; /* bits of enum facet */
	int kind, match, role, confidence, presence;
	const char *value, *note;
	int64_t first_seen_us, last_seen_us;
	bool is_canary;
	struct schema_list sources, providers; /* of const char * */
	struct config_place place;
};

struct product_refusal {
	struct schema_list values; /* of const char * */
	const char *reason;
	struct config_place place;
};

struct product {
	const char *id, *title, *vendor;
	int64_t collected_us;
	struct schema_list sources;         /* of struct product_source */
	struct schema_list identifiers;     /* of struct product_identifier */
	struct schema_list not_identifiers; /* of struct product_refusal */
	struct config_place place;
};

extern const struct schema product_schema;

/* Reads one file and checks what rows alone cannot: unique ids, sources that exist, values that fit
 * their kind and match rule. ERR_INVALID with problems, ERR_LIMIT, -ENOMEM. */
int product_read(const char *file, struct view text, struct arena *a, struct problems *p,
                 struct product *ret) must_check;

/* Returns the source of that id, or NULL. */
const struct product_source *product_source_find(const struct product *p, const char *id);
