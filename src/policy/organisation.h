/* organisation.h - the body that adopts orders, as its administrator writes it (organisation.yaml).
 *
 * `organisation_schema` is the form. Values live in the arena they were read into. */
#pragma once

#include "config/schema.h"
#include "policy/vocabulary.h"

struct organisation_network {
	struct prefix prefix;
	int network_class; /* enum network_class */
	struct config_place place;
};

struct organisation_unit {
	const char *id, *name;
	uint64_t classes;            /* 0: those of the organisation */
	struct schema_list networks; /* of struct organisation_network */
	struct config_place place;
};

enum adoption_mode { ADOPTION_ENFORCE, ADOPTION_OBSERVE };
extern const char *const adoption_mode_names[];
enum adoption_answer { ANSWER_BY_ORDER, ANSWER_BLOCKED, ANSWER_CENSORED, ANSWER_FILTERED };

/* Where an order is silent on a facet, the organisation may decide. */
struct adoption_decision {
	int facet;
	int verdict; /* index into "block" "allow" */
	const char *reason;
	struct config_place place;
};

struct adoption {
	const char *order;
	int64_t from_us, until_us;
	int mode, answer;
	bool voluntary;
	bool raise_should;
	struct schema_list units;     /* of const char *; none: all */
	struct schema_list decisions; /* of struct adoption_decision */
	struct config_place place;
};

struct exemption_approval {
	const char *role, *by;
	int64_t at_us;
	struct config_place place;
};

struct exemption {
	const char *id, *order, *product, *reason;
	uint64_t facets;               /* 0: all */
	struct schema_list units;      /* of const char * */
	struct schema_list clients;    /* of struct prefix */
	struct schema_list approvals;  /* of struct exemption_approval */
	struct schema_list conditions; /* of const char *: ids of conditions that are met */
	int64_t not_before_us, not_after_us;
	struct config_place place;
};

/* A public list of names, loaded as a product of its own under a rule of the organisation's own. */
struct list_product {
	const char *id, *title, *file, *sha256, *reason;
	int format;               /* enum name_list_format */
	int mode;                 /* enum adoption_mode */
	struct schema_list units; /* of const char * */
	struct config_place place;
};

struct organisation {
	const char *id, *name, *jurisdiction, *contact;
	int language;
	uint64_t classes;
	int strip_ech;                   /* enum ech_policy */
	struct schema_list networks;     /* of struct organisation_network */
	struct schema_list units;        /* of struct organisation_unit */
	struct schema_list alternatives; /* of const char * */
	struct schema_list adoptions;    /* of struct adoption */
	struct schema_list exemptions;   /* of struct exemption */
	struct schema_list lists;        /* of struct list_product */
	struct config_place place;
};

extern const struct schema organisation_schema;

/* Reads the file and checks what rows alone cannot: unique ids, units that exist, networks that are
 * said once, intervals. References into the catalogue are checked by policy_compile().
 * ERR_INVALID with problems, ERR_LIMIT, -ENOMEM. */
int organisation_read(const char *file, struct view text, struct arena *a, struct problems *p,
                      struct organisation *ret) must_check;

/* Returns the unit of that id, or NULL. */
const struct organisation_unit *organisation_unit_find(const struct organisation *o,
                                                       const char *id);
extern const char *const language_names[];
