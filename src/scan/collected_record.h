/* collected_record.h - collections whose things are records: objects with members, in whatever syntax.
 *
 * What:    a form says what it makes of a record. It is given the same records for JSON, XML and YAML.
 * Owns:    collected_records_begin(), collected_records_end().
 * Limits:  of json_record.h. */
#pragma once

#include "scan/collected.h"
#include "scan/json_record.h"
#include "scan/purl.h"

enum { COLLECTED_REFERENCES_MAX = 16 };

struct collected_records;

/* A package URL that waits for the name of its package. */
struct collected_reference {
	unsigned depth; /* of its record */
	char purl[PURL_SIZE + 1];
};

struct collected_form {
	int (*on_record)(struct collected_records *r, const struct json_records *j);
	const char *kept; /* the key of arrays that are kept whole; or NULL */
	void (*on_end)(struct collected_records *r); /* also of a broken file; or NULL */
};
extern const struct collected_form collected_form_cyclonedx, collected_form_spdx;

/* Where things go, counted. */
struct collected_out {
	collected_on *on;
	void *context;
	uint64_t items, not_understood;
	char example[FINDING_EXAMPLE_SIZE]; /* of what was not understood; or empty */
};

/* A collection that is being read. */
struct collected_records {
	const struct collected_form *form;
	struct json_records *records; /* is fed by who reads */
	struct collected_out out;
	/* of SPDX: of the packages that are open */
	struct collected_reference references[COLLECTED_REFERENCES_MAX];
	unsigned reference_count;
};

int collected_records_begin(const struct collected_form *form, collected_on *on, void *context,
                            struct collected_records *ret) must_check;
/* Adds to `count`. */
void collected_records_end(struct collected_records *r, struct collected_count *count);

/* For readers of other syntaxes: what JSON of the same meaning has next. Errors as json_records_event(). */
int collected_tell(struct collected_records *r, enum json_event event, struct view text) must_check;
/* A key, and the value that it has or that begins. */
int collected_tell_member(struct collected_records *r, const char *key, enum json_event event,
                          struct view text) must_check;
/* A list of this key with one object in it. */
int collected_tell_entry(struct collected_records *r, const char *key) must_check;
int collected_tell_entry_end(struct collected_records *r) must_check;

/* For forms: */
int collected_give(struct collected_out *out, const struct collected_item *item) must_check;
/* Counts it, and keeps the first as example. */
void collected_not_understood(struct collected_out *out, struct view text);
/* Adds to `count`. */
void collected_out_end(const struct collected_out *out, struct collected_count *count);
/* The first of these members that there is; the list ends with NULL. */
struct view collected_records_any(const struct json_records *j, const char *const *paths);
bool collected_has_part(struct view text, const char *part);
