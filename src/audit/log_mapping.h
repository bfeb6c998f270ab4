/* log_mapping.h - logs that no format knows: what a small file says of their columns or members.
 *
 * What:    the file is YAML by log_mapping_schema. From it comes a format like any other, which is not found by content
 *          but given to an audit (audit_settings.format): lines of columns with or without a header, or JSON.
 * Owns:    all lives in the arena, which must outlive the audit.
 * Fails:   log_mapping_read(): as schema_read(). A source that has not what the mapping names is not read, and its
 *          coverage says which; a line that has a time of another form, or too few columns, was not understood.
 * Limits:  one record a line; LOG_COLUMNS_MAX columns, members up to LOG_JSON_DEPTH deep.
 * Source:  RFC 4180, RFC 8259; strftime(3) for times.
 *
 * To add a field: a member of struct mapped_columns with its row in log_mapping.c, and in places[] the enum log_field. */
#pragma once

#include "audit/log_kind.h"
#include "config/schema.h"

enum { MAPPED_COLUMNS_MAX = 16, MAPPING_NAME_MAX = 15 };

/* One column or member that the mapping names. */
struct mapped_column {
	const char *name;
	uint8_t field;       /* enum log_field */
	size_t number;       /* where columns have numbers, from 1; else 0 */
	const char *problem; /* what is said of a source that has it not */
};

struct log_mapping {
	struct audit_format format; /* "mapping NAME" */
	struct log_kind kind;
	struct log_key keys[MAPPED_COLUMNS_MAX + 1];
	struct mapped_column columns[MAPPED_COLUMNS_MAX];
	size_t column_count;
	bool is_json, has_header, joins_blanks;
	uint8_t separator, quote, comment; /* quote and comment of 0: there is none */
	const char *time_format;           /* NULL: any that log_time_parse() knows */
	int64_t offset_s;
	struct schema_list only, except; /* of const char *: actions */
	uint64_t hash;                   /* of the file */
};

extern const struct schema log_mapping_schema;

int log_mapping_read(const char *file, struct view text, struct arena *a, struct problems *p,
                     const struct log_mapping **ret) must_check;

/* For the table of formats: */
int log_mapping_probe(struct view first);
int log_mapping_open(const struct audit_context *context, struct view first, void **ret) must_check;
