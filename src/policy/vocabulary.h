/* vocabulary.h - the closed lists that orders, products and organisations are written in.
 *
 * Each list is one visible NULL-terminated table; a value is its index there, so the enums below must
 * keep the order of the tables (vocabulary.c asserts their sizes).
 * To add a value: one constant here, one row in vocabulary.c, one word in catalogue/README.md. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum facet {
	FACET_WEB,
	FACET_APP,
	FACET_API,
	FACET_PLATFORM,
	FACET_TELEMETRY,
	FACET_HOSTED,
	FACET_WEIGHTS,
	FACET_PACKAGE,
	FACET_ACCOUNT,
	FACET_LOOKALIKE,
	FACET_COUNT
};
extern const char *const facet_names[];

enum force { FORCE_MUST, FORCE_SHOULD, FORCE_MAY, FORCE_INFORM, FORCE_COUNT };
extern const char *const force_names[];

/* What an obligation's verb means to a gate. */
enum verb_effect {
	VERB_NOTHING, /* met elsewhere: by people, inventory, contracts, reports */
	VERB_USE,     /* use is prohibited: anything that carries a covered facet */
	VERB_INSTALL, /* installing is prohibited: only what carries nothing but app, package, weights */
};
struct verb {
	const char *name;
	enum verb_effect effect;
	const char *met_by; /* what can meet it, in plain words */
};
extern const struct verb verbs[];      /* ends with a row whose name is NULL */
extern const char *const verb_names[]; /* the same names, for schema rows */

enum position {
	POSITION_COVERED,
	POSITION_EXCLUDED,
	POSITION_CONDITIONAL,
	POSITION_SILENT,
	POSITION_COUNT
};
extern const char *const position_names[];

enum role { ROLE_DEDICATED, ROLE_SHARED, ROLE_SUPPORTING, ROLE_COUNT };
extern const char *const role_names[];

enum confidence { CONFIDENCE_HIGH, CONFIDENCE_MEDIUM, CONFIDENCE_LOW, CONFIDENCE_COUNT };
extern const char *const confidence_names[];

enum match {
	MATCH_EXACT,
	MATCH_SUFFIX,
	MATCH_PREFIX,
	MATCH_CONTAINS,
	MATCH_REGEX,
	MATCH_TEMPLATE,
	MATCH_COUNT
};
extern const char *const match_names[];

enum presence { PRESENCE_CURRENT, PRESENCE_HISTORICAL, PRESENCE_UNVERIFIED, PRESENCE_COUNT };
extern const char *const presence_names[];

enum order_status {
	ORDER_IN_FORCE,
	ORDER_SUPERSEDED,
	ORDER_ENDED,
	ORDER_PROPOSED,
	ORDER_INFORMAL,
	ORDER_UNKNOWN,
	ORDER_STATUS_COUNT
};
extern const char *const order_status_names[];

extern const char *const order_type_names[];

/* Organisation classes. Those of third parties never bind the organisation that runs Writ. */
struct organisation_class {
	const char *name;
	bool third_party; /* provider, app store, vendor ... */
};
extern const struct organisation_class organisation_classes[]; /* ends with a NULL name */
extern const char *const organisation_class_names[];
/* Bits of the classes whose third_party is set. */
uint64_t organisation_class_third_parties(void);

extern const char *const device_class_names[];

enum network_class {
	NETWORK_OFFICIAL,
	NETWORK_PUBLIC_VENUE,
	NETWORK_GUEST,
	NETWORK_SENSITIVE,
	NETWORK_ANY,
	NETWORK_CLASS_COUNT
};
extern const char *const network_class_names[];

/* How a blocked name is answered. */
enum block_form {
	BLOCK_NXDOMAIN,
	BLOCK_NODATA,
	BLOCK_NULL,
	BLOCK_REFUSED,
	BLOCK_ADDRESS,
	BLOCK_COUNT
};
extern const char *const block_form_names[];

enum { WEEK_DAYS = 7 };
extern const char *const day_names[]; /* from Monday on */

/* How a gate may find an identifier of a kind. */
enum kind_group {
	GROUP_NAME,    /* by the name index: DNS, TLS, QUIC, HTTP */
	GROUP_ALIAS,   /* a name, but only as target of an alias */
	GROUP_ADDRESS, /* by the address index */
	GROUP_URL,     /* host and path */
	GROUP_MODEL,   /* model:ID */
	GROUP_FILE,    /* fields of a model file */
	GROUP_PACKAGE, /* package:ECOSYSTEM/NAME */
	GROUP_APP,     /* app:ID */
	GROUP_REQUEST, /* parts of a decrypted request: header, cookie, agent */
	GROUP_MACHINE, /* found by a scan only: path, process, environment */
	GROUP_COUNT
};
extern const char *const kind_group_names[];
struct identifier_kind {
	const char *name;
	enum kind_group group;
	const char *help;
};
extern const struct identifier_kind identifier_kinds[]; /* ends with a NULL name */
extern const char *const identifier_kind_names[];
/* Returns the kind's index; -1 when there is none of that name. */
int identifier_kind_find(const char *name);
