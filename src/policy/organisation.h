/* organisation.h - the body that adopts orders, as its administrator writes it (organisation.yaml).
 *
 * `organisation_schema` is the form. Values live in the arena they were read into. */
#pragma once

#include "config/schema.h"
#include "policy/vocabulary.h"

/* A time of the week at which something holds, by the clocks of a place. From 18:00 until 08:00 goes over
 * midnight and belongs to the day on which it begins. */
struct window {
	uint64_t days;             /* bit 0: Monday */
	int64_t from_us, until_us; /* since midnight */
	const char *time_zone;     /* never NULL once read: the organisation's stands in */
	struct config_place place;
};

/* A time zone that some window names. */
struct organisation_zone {
	const char *name;
	struct config_place place; /* of its first use */
};
#define ORGANISATION_ZONE_UTC "UTC" /* needs no file */

/* What a blocked name is answered with: one of the three. */
struct block_answer {
	int form;                     /* enum block_form; -1 when left out */
	const char *cname;            /* NULL when left out */
	struct schema_list addresses; /* of struct prefix, each one address */
	struct config_place place;
};

/* The same for what is blocked of a product, in units. */
struct organisation_answer {
	const char *product;      /* NULL: any */
	struct schema_list units; /* of const char *; none: all */
	struct block_answer answer;
	struct config_place place;
};

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
enum adoption_error { ERROR_BY_ORDER, ERROR_BLOCKED, ERROR_CENSORED, ERROR_FILTERED };

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
	int mode, error;
	bool voluntary;
	bool raise_should;
	struct schema_list units;     /* of const char *; none: all */
	struct schema_list decisions; /* of struct adoption_decision */
	struct schema_list windows;   /* of struct window; none: always */
	struct block_answer answer;
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
	struct schema_list windows; /* of struct window */
	struct config_place place;
};

/* A measure of the organisation's own on a product of the catalogue. */
struct own_rule {
	const char *id, *title, *product, *reason;
	uint64_t facets, networks; /* 0: all */
	int64_t from_us, until_us;
	int mode;                   /* enum adoption_mode */
	struct schema_list units;   /* of const char *; none: all */
	struct schema_list windows; /* of struct window */
	struct block_answer answer;
	struct config_place place;
};

/* A public list of names, loaded as a product of its own under a rule of the organisation's own. */
struct list_product {
	const char *id, *title, *sha256, *reason;
	const char *file;         /* this, or: */
	const char *url;          /* kept current from there (list_url.h) */
	const char *ca_file;      /* of `url`: whom to trust instead of the system's authorities */
	int64_t refresh_us;       /* of `url` */
	int64_t size_max;         /* of `url`: bytes */
	int format;               /* enum name_list_format */
	int mode;                 /* enum adoption_mode */
	struct schema_list units; /* of const char * */
	struct schema_list windows; /* of struct window */
	struct block_answer answer;
	struct config_place place;
};

struct organisation {
	const char *id, *name, *jurisdiction, *contact, *time_zone;
	int language;
	uint64_t classes;
	int strip_ech;                   /* enum ech_policy */
	struct schema_list networks;     /* of struct organisation_network */
	struct schema_list units;        /* of struct organisation_unit */
	struct schema_list alternatives; /* of const char * */
	struct schema_list adoptions;    /* of struct adoption */
	struct schema_list exemptions;   /* of struct exemption */
	struct schema_list rules;        /* of struct own_rule */
	struct schema_list lists;        /* of struct list_product */
	struct schema_list answers;      /* of struct organisation_answer */
	struct config_place place;
	/* every zone of a window once, but UTC; found when it is read */
	struct organisation_zone *zones;
	size_t zone_count;
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
