/* order.h - an order of the catalogue as people write it: obligations, scope, exemptions, reports.
 *
 * The form is catalogue/README.md; `order_schema` is the same as rows. Values live in the arena they
 * were read into. */
#pragma once

#include "config/schema.h"
#include "policy/vocabulary.h"

struct order_scope {
	int facet, position;
	const char *clause, *condition, *note;
	struct config_place place;
};

struct order_obligation {
	int64_t number;
	int verb, force;
	const char *text, *clause, *source;
	uint64_t facets; /* 0: all that the scope covers */
	uint64_t binds, devices, networks;
	const char *deadline; /* as written; order_deadline() reads it */
	struct config_place place;
};

struct order_approval {
	const char *role, *title;
	struct config_place place;
};

struct order_condition {
	const char *id, *text;
	struct config_place place;
};

enum availability { AVAILABLE_YES, AVAILABLE_NO, AVAILABLE_UNKNOWN, AVAILABLE_NOT_APPLICABLE };
extern const char *const availability_names[];

struct order_exemption {
	int available, delegable;
	struct schema_list grounds;    /* of const char * */
	struct schema_list approvals;  /* of struct order_approval, in the order's own sequence */
	int64_t max_days;              /* SCHEMA_ABSENT: no limit found */
	struct schema_list conditions; /* of struct order_condition */
	const char *records;
	struct config_place place;
};

struct order_report {
	const char *to, *what, *deadline;
	struct config_place place;
};

struct order_source {
	const char *id, *url, *note;
	int kind;
	struct config_place place;
};

struct order {
	const char *id, *title, *title_native, *issuer, *jurisdiction, *number, *legal_basis;
	int type, status, confidence;
	int64_t announced_us, effective_us, ended_us; /* SCHEMA_UNKNOWN, SCHEMA_ABSENT */
	const char *status_note, *designates, *confidence_note;
	struct schema_list supersedes, superseded_by, based_on, products; /* of const char * */
	struct schema_list scope;       /* of struct order_scope */
	struct schema_list obligations; /* of struct order_obligation */
	struct order_exemption exemption;
	struct schema_list reports;        /* of struct order_report */
	struct schema_list sources;        /* of struct order_source */
	struct schema_list unknown, notes; /* of const char * */
	struct config_place place;
};

extern const struct schema order_schema;

/* Reads one file and checks what rows alone cannot: obligations' numbers and sources, dates in order,
 * a superseded order that says when it ended. ERR_INVALID with problems, ERR_LIMIT, -ENOMEM. */
int order_read(const char *file, struct view text, struct arena *a, struct problems *p,
               struct order *ret) must_check;

/* What the order says of a facet: POSITION_SILENT when its scope leaves it out. */
enum position order_position(const struct order *o, enum facet facet);
/* Bits of the facets in that position. */
uint64_t order_facets(const struct order *o, enum position position);

/* When it begins and ends to bind: [from, until). TIME_MAX for `from` when it never has, such as a bill;
 * an order whose effective date is unknown begins when it was announced, and TIME_MIN when that is
 * unknown too: then the adoption must say from when. One that ended on an unknown
 * date is taken as never in force, since to block on a guess would be worse. */
void order_interval(const struct order *o, int64_t *ret_from_us, int64_t *ret_until_us);

/* A deadline as an instant. TIME_MAX when there is none or it is not known. ERR_MALFORMED for a text
 * that is no deadline. */
int order_deadline(const struct order *o, const char *text, int64_t *ret_us) must_check;

const struct order_source *order_source_find(const struct order *o, const char *id);
