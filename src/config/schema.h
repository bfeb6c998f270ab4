/* schema.h - reads YAML into typed structs by rows, and prints them back.
 *
 * What:    one row a field says its type, bounds, default and help. From the same rows come reading with
 *          checks, printing, the commented sample and the manual. Pure: bytes in, values out.
 * Owns:    nothing. Everything read lives in the caller's arena, the file's name included; rows are
 *          static. Reading needs heap memory only until it returns.
 * Fails:   every problem of a file is added to `problems`, then ERR_INVALID; ERR_LIMIT when the file
 *          is too deep or too large (a problem says so); -ENOMEM.
 * Limits:  SCHEMA_DEPTH_MAX, SCHEMA_NODES_MAX, SCHEMA_TEXT_MAX.
 * YAML:    1.1 as libyaml reads it, one document, no anchors, aliases and tags. A scalar has the type
 *          that its row says and no other: `no` in a text is the text "no". A key without a value is
 *          the same as no key. A file without any value is an empty struct.
 *
 *	struct dns_config {
 *		struct schema_list listen; // of struct endpoint
 *		int64_t timeout_us;
 *		struct config_place place;
 *	};
 *	static const struct schema_field fields[] = {
 *		{.name = "listen", .type = SCHEMA_LIST, .offset = offsetof(struct dns_config, listen),
 *		 .item = &schema_endpoint, .list_max = 64, .default_text = "[127.0.0.1:53]",
 *		 .help = "Addresses to listen on."},
 *		{.name = "timeout", .type = SCHEMA_DURATION,
 *		 .offset = offsetof(struct dns_config, timeout_us), .min = 1000, .max = 60 * SECOND_US,
 *		 .default_text = "5 s", .help = "How long an upstream server may take."},
 *		{.name = NULL},
 *	};
 *	const struct schema dns_schema = {.name = "dns", .size = sizeof(struct dns_config),
 *		.fields = fields, .place_offset = offsetof(struct dns_config, place)};
 *
 * To add a type: its constant here, its row in types[] of scalar.c, which reads and prints it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/endpoint.h"
#include "base/err.h"
#include "base/prefix.h"
#include "base/problem.h"
#include "base/timestamp.h"
#include "base/view.h"

enum {
	SCHEMA_DEPTH_MAX = 16,
	SCHEMA_NODES_MAX = 2000000,
	SCHEMA_TEXT_MAX = 64 * 1024,
	SCHEMA_ID_MAX = 64,
	SCHEMA_FIELDS_MAX = 64, /* rows of one struct */
};

/* In brackets what a field holds when it is absent and has no default. */
enum schema_type {
	SCHEMA_TEXT, /* const char * [NULL]: UTF-8, no control characters but line feed and tab */
	SCHEMA_ID,   /* const char * [NULL]: [a-z0-9][a-z0-9-]*, at most SCHEMA_ID_MAX */
	SCHEMA_BOOL, /* bool [false]: yes no true false */
	SCHEMA_INT,  /* int64_t [SCHEMA_ABSENT] */
	SCHEMA_SIZE, /* int64_t bytes [SCHEMA_ABSENT]: 64 KiB, 10 MiB, 1 GiB, 1500 */
	SCHEMA_DURATION, /* int64_t microseconds [SCHEMA_ABSENT]: 250 ms, 30 s, 5 min, 2 h, 90 days */
	SCHEMA_DATE,     /* int64_t microseconds since 1970 [SCHEMA_ABSENT]: 2026-01-15 */
	SCHEMA_WHEN,     /* the same, also 2026-01-15T08:00:00Z, or `unknown`: SCHEMA_UNKNOWN */
	SCHEMA_CLOCK,    /* int64_t microseconds since midnight [SCHEMA_ABSENT]: 08:00, 24:00 */
	SCHEMA_CHOICE,   /* int [-1]: index into .choices */
	SCHEMA_SET,      /* uint64_t [0]: bit i is .choices[i]; written as a list, or one word */
	SCHEMA_NAME,     /* const char * [NULL]: as TEXT, for names that a .check understands */
	SCHEMA_PREFIX,   /* struct prefix [family ADDRESS_NONE]: address or CIDR block */
	SCHEMA_ENDPOINT, /* struct endpoint [family ADDRESS_NONE]: address and port */
	SCHEMA_STRUCT, /* the struct of .child, in place [every field as it is when absent; line 0] */
	SCHEMA_LIST,   /* struct schema_list [no items] of .child or of .item */
};

#define SCHEMA_ABSENT  TIME_MIN /* a number or time that was left out */
#define SCHEMA_UNKNOWN TIME_MAX /* a time written as `unknown` */

enum schema_flag {
	SCHEMA_REQUIRED = 1 << 0, /* in a struct that is absent itself nothing is required */
	SCHEMA_SECRET = 1 << 1,   /* never in a problem's text; hidden from prints on demand */
	SCHEMA_EMPTY = 1 << 2,    /* a TEXT or NAME may be "" */
	SCHEMA_UNIQUE = 1 << 3,   /* no two items of this LIST of scalars may print alike */
};

struct config_mark {
	unsigned line, column; /* from 1; 0 when it is not written in the file */
};

/* Where something stands. In a struct: put it anywhere but first. */
struct config_place {
	const char *file;
	unsigned line, column;
	const struct config_mark *fields; /* of each row of the struct's schema */
};

struct schema_list {
	void *items; /* an array of the C type of the item, or of the child's structs; NULL when absent */
	size_t count;
	const struct config_mark *marks; /* of each item; NULL for a default */
};

/* `value` is the address of the field's C value (for a TEXT a `const char *const *`). Returns OK, or
 * ERR_INVALID with *ret_expected a static phrase that follows "expected": "a domain name". */
typedef int schema_check(const void *value, const char **ret_expected);

struct schema;

struct schema_field {
	const char *name;
	enum schema_type type;
	size_t offset;
	unsigned flags; /* enum schema_flag */
	/* INT, SIZE, DURATION: bounds; TEXT, NAME: of its bytes; LIST: fewest items in `min`. When both
	 * are 0 there is no bound (SIZE and DURATION are never negative); with `min` over 0 and `max` of 0
	 * there is no upper one. */
	int64_t min, max;
	size_t list_max; /* most items of a LIST; 0 means no limit but that of nodes */
	/* NULL for none. A scalar without quotes; a SET, and a LIST of scalars, in brackets: `[a, b]`, where
	 * an item with a comma or bracket stands in double quotes. */
	const char *default_text;
	const char *const *choices; /* CHOICE and SET: words written like ids; ends with NULL */
	const struct schema *child; /* STRUCT, and LIST of structs */
	const struct schema_field *item; /* LIST of scalars: a row of one, not of a SET */
	const char *unit;                /* of an INT, for people: "queries a second" */
	const char *help;                /* one sentence for sample, manual and form */
	schema_check *check;             /* NULL for none; of a LIST: called with the whole list */
};

struct schema {
	const char *name; /* what one is called: "order" */
	size_t size;
	const struct schema_field *fields; /* ends with name NULL */
	const char *help;
	size_t place_offset; /* of a struct config_place, or SCHEMA_NO_PLACE */
	schema_check *check; /* NULL for none; called with a struct that has no problem so far */
};

#define SCHEMA_NO_PLACE ((size_t)0)

/* Rows for lists of plain items: .item = &schema_text. */
extern const struct schema_field schema_text, schema_id, schema_prefix, schema_endpoint;

/* Reads one document. OK; ERR_INVALID, ERR_LIMIT (both with problems) or -ENOMEM. *ret is untouched on
 * failure; what was allocated stays in the arena until that is done. */
int schema_read(const struct schema *s, const char *file, struct view text, struct arena *a,
                struct problems *p, void *ret) must_check;

/* Reads one scalar as in a file: for a form's field or a command's argument. `ret` points to room for the
 * C type of the row; not for STRUCT and LIST. ERR_INVALID with *ret_problem in the arena, or -ENOMEM. */
int schema_read_scalar(const struct schema_field *f, struct view text, struct arena *a,
                       const char **ret_problem, void *ret) must_check;

enum schema_print_flag {
	SCHEMA_PRINT_SHORT = 1 << 0,  /* leave out what equals its default */
	SCHEMA_PRINT_HIDDEN = 1 << 1, /* a comment in place of each secret: does not read back */
};

/* Prints YAML that reads back to the same value. */
void schema_print(const struct schema *s, const void *value, unsigned flags, struct buffer *out);
/* Prints the value of one row of any type but STRUCT and LIST; nothing when it is absent. */
void schema_print_scalar(const struct schema_field *f, const void *value, struct buffer *out);
/* Prints every option with its help, type, bounds and default; those that are optional commented out. */
void schema_sample(const struct schema *s, struct buffer *out);
/* Prints every option as mdoc(7) list items: .It Ic name Ar type, nested names joined by dots. */
void schema_manual(const struct schema *s, struct buffer *out);

/* Where the field's value stands, or its struct when it is absent; the schema has a place_offset. */
struct config_place config_place_of(const struct schema *s, const void *value, const char *field);
/* Where the item of a LIST field stands. */
struct config_place config_place_of_item(const struct schema *s, const void *value,
                                         const char *field, size_t index);
