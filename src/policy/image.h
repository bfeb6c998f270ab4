/* image.h - the compiled policy on disk: one flat little-endian file that is mapped and used as it is.
 *
 * Layout: struct image_header, then sections in the order of enum image_section, each aligned to 64
 * bytes. Rows refer to rows by index and to texts by their offset in SECTION_TEXTS (0 is the empty
 * text). A list of texts is one text with a newline between items.
 * Everything is checked once by policy_open(): afterwards indexes are trusted.
 * A change of any row is a new IMAGE_VERSION. */
#pragma once

#include <stdint.h>

/* Padding would carry whatever lay on the compiler's stack into the image. */
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

#define IMAGE_MAGIC "WRITPOL\n"

enum { IMAGE_VERSION = 4, IMAGE_ALIGN = 64, IMAGE_SIGNATURE_SIZE = 64, IMAGE_KEY_SIZE = 32 };

enum image_section {
	SECTION_ORGANISATION, /* one struct image_organisation */
	SECTION_UNITS,
	SECTION_PLACES,
	SECTION_PRODUCTS,
	SECTION_ORDERS,
	SECTION_OBLIGATIONS,
	SECTION_RULES,
	SECTION_EXEMPTIONS,
	SECTION_PREFIXES, /* clients of exemptions, addresses of answers */
	SECTION_WINDOWS,
	SECTION_CLOCKS,  /* when the clocks of a time zone change: struct image_clock */
	SECTION_ANSWERS, /* first those of the organisation at large */
	SECTION_IDENTIFIERS,
	SECTION_UNIT_SETS,    /* uint64_t words of bit sets over units */
	SECTION_PATTERNS,     /* identifiers that are no plain value: struct image_pattern */
	SECTION_VALUES,       /* hash table of exact text values: struct image_value */
	SECTION_NAMES,        /* name index */
	SECTION_STEMS,        /* what its names end with, of many: name_stems.h */
	SECTION_DESTINATIONS, /* address index: identifiers */
	SECTION_NETWORKS,     /* address index: places */
	SECTION_TEXTS,
	SECTION_COUNT
};

struct image_header {
	char magic[8];
	uint32_t version;
	uint32_t header_size;
	uint64_t size;               /* of the whole image, header included, signature excluded */
	uint64_t checksum;           /* XXH3 of everything from `content` on, up to `size` */
	uint8_t key[IMAGE_KEY_SIZE]; /* Ed25519 public key of the signer; zero when unsigned */
	uint8_t signature
		[IMAGE_SIGNATURE_SIZE]; /* of BLAKE2b-512 over everything from `sections` on */
	struct {
		uint64_t offset, size;
	} sections[SECTION_COUNT];
};

enum image_ech { ECH_KEPT, ECH_STRIP_ALL_NAMES, ECH_STRIP_GOVERNED_NAMES };

struct image_organisation {
	uint32_t id, name, jurisdiction, contact, language;
	uint32_t alternatives;  /* list of texts */
	uint32_t unit_words;    /* words of one unit set */
	uint32_t strip_ech;     /* enum image_ech */
	uint32_t answers_count; /* rows of SECTION_ANSWERS that are not a rule's own */
};

/* Row 0 is the organisation at large. */
struct image_unit {
	uint32_t id, name;
	uint64_t classes;
};

struct image_place {
	uint32_t unit;
	uint32_t network_class;
	uint32_t prefix; /* text */
	uint32_t reserved;
};

struct image_product {
	uint32_t id, title;
	uint32_t rules_first,
		rules_count; /* all rules of the product; the first `rules_live` can act */
	uint32_t rules_live;
	uint32_t reserved;
};

struct image_order {
	uint32_t id, title, issuer, number, jurisdiction, legal_basis;
	uint32_t status; /* enum order_status */
	uint32_t status_note;
	int64_t effective_us, ended_us; /* TIME_MAX: not known, or not ended */
	uint32_t approvals,
		conditions; /* lists of texts: the order's chain and conditions of exemption */
	uint32_t source;    /* URL of its first citable source */
	uint32_t reserved;
};

struct image_obligation {
	uint32_t order, number;
	uint32_t verb, force;
	uint32_t text, clause, source; /* source: URL or note */
	uint32_t facets;               /* bits of enum facet that it covers */
	uint64_t binds;
	uint32_t deadline; /* text as written */
	uint32_t reserved;
};

/* One obligation of one adopted order, for one product: what it does here, worked out at compile time. */
struct image_rule {
	uint32_t order, obligation;
	uint32_t adoption; /* text: how it was adopted, e.g. "in force from 2026-01-15, enforce" */
	uint32_t facets_covered;     /* the verb acts on these */
	uint32_t facets_conditional; /* excluded, or allowed on a condition: observed */
	uint32_t facets_silent;      /* the order says nothing: observed */
	uint32_t facets_block;       /* silent ones that the organisation decided to block */
	uint32_t facets_allow;       /* silent ones that the organisation decided to allow */
	int64_t from_us, until_us;   /* in force in [from, until) */
	uint32_t units;           /* first word of its set in SECTION_UNIT_SETS: units it binds */
	uint32_t network_classes; /* bits */
	uint8_t action;           /* enum verdict_action where covered */
	uint8_t reason;           /* enum reason for `action`, or why it can never act */
	uint8_t effect;           /* enum verb_effect */
	uint8_t ede;              /* extended DNS error code of its blocks: 15, 16 or 17 */
	uint32_t voluntary;       /* 1: adopted without being bound */
	uint32_t product;
	uint32_t condition;                    /* text: the condition on a conditional facet */
	uint32_t windows_first, windows_count; /* none: at any time */
	uint32_t answer;                       /* row of its own, or NONE */
	uint32_t reserved;
};

struct image_exemption {
	uint32_t id, order, product;
	uint32_t facets;
	uint32_t units;                        /* first word of its unit set */
	uint32_t clients_first, clients_count; /* rows of SECTION_PREFIXES */
	uint32_t reserved_first;
	int64_t not_before_us, not_after_us;
	uint32_t reason, conditions, approvals;
	uint32_t windows_first, windows_count;
	uint32_t reserved;
};

/* Open on `days` from `from_s` until `until_s` of local time; over midnight when that is not later. */
struct image_window {
	uint32_t clocks_first, clocks_count; /* rows of its zone, at least one */
	uint32_t days;                       /* bit 0: Monday */
	uint32_t from_s, until_s;
	uint32_t text; /* "Mon-Fri 08:00-18:00 Asia/Taipei" */
};

/* From then on local time is UTC and so much; the first of a zone is from TIME_MIN on. */
struct image_clock {
	int64_t at_s;
	int32_t offset_s;
	uint32_t reserved;
};

/* What a blocked name is answered with. */
struct image_answer {
	uint32_t units;                            /* first word of its unit set */
	uint32_t product;                          /* NONE: any */
	uint32_t form;                             /* enum block_form, unless there is an alias */
	uint32_t alias;                            /* text: a host name, or 0 */
	uint32_t addresses_first, addresses_count; /* for BLOCK_ADDRESS; none: as the gate is set */
};

struct image_prefix {
	uint8_t bytes[16];
	uint8_t bits, family; /* enum address_family */
	uint16_t reserved;
};

struct image_identifier {
	uint32_t id, product;
	uint32_t kind; /* index into identifier_kinds[] */
	uint32_t value, note;
	uint32_t source; /* list of citations or notes */
	uint16_t facets;
	uint8_t match, role, confidence, presence;
	uint8_t is_canary; /* 1: asked before the network's resolver is left */
	uint8_t reserved;
};

/* A value that needs more than one look-up: prefix, contains, regex, template. */
struct image_pattern {
	uint32_t group; /* enum kind_group */
	uint32_t match; /* enum match */
	uint32_t text;  /* lower-case */
	uint32_t identifier;
};

struct image_value {
	uint64_t hash; /* of group and lower-case text; 0: empty slot */
	uint32_t identifier;
	uint32_t next; /* 1 + index of the next row with the same hash, or 0 */
};

#pragma GCC diagnostic pop
