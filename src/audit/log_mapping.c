#include "audit/log_mapping.h"

#include <errno.h>

#include "audit/log_json.h"
#include "audit/log_mapped.h"
#include "audit/log_time.h"
#include "base/decimal.h"
#include "base/hash.h"

enum lines_kind { LINES_COLUMNS, LINES_JSON };
static const char *const lines_names[] = {"columns", "json", NULL};

struct mapped_columns {
	const char *client, *user, *name, *url, *server, *up, *down;
	struct config_place place;
};

struct mapped_time {
	const char *field, *clock, *format, *zone;
	struct config_place place;
};

struct mapped_action {
	const char *field;
	struct schema_list only, except;
	struct config_place place;
};

struct mapping_file {
	const char *mapping, *separator, *quote, *comment;
	int lines;
	bool header;
	struct mapped_time time;
	struct mapped_columns columns;
	struct mapped_action action;
	struct config_place place;
};

#define ROW(struct_, member, ...)                                       \
	{                                                               \
		.offset = offsetof(struct struct_, member), __VA_ARGS__ \
	}

static bool is_sign(const char *text)
{
	return text[0] > ' ' && text[0] <= '~' && text[1] == '\0';
}

static int check_name(const void *value, const char **ret_expected)
{
	const char *text = *(const char *const *)value;
	*ret_expected = "at most 15 characters";
	return text && strlen(text) > MAPPING_NAME_MAX ? ERR_INVALID : OK;
}

static int check_separator(const void *value, const char **ret_expected)
{
	const char *text = *(const char *const *)value;
	*ret_expected = "one character, `tab`, or `blanks`";
	return !text || is_sign(text) || strcmp(text, "tab") == 0 || strcmp(text, "blanks") == 0
	               ? OK
	               : ERR_INVALID;
}

static int check_sign(const void *value, const char **ret_expected)
{
	const char *text = *(const char *const *)value;
	*ret_expected = "one character, or `none`";
	return !text || is_sign(text) || strcmp(text, "none") == 0 ? OK : ERR_INVALID;
}

static int check_format(const void *value, const char **ret_expected)
{
	const char *text = *(const char *const *)value;
	*ret_expected =
		"a format as of strftime(3) that has year, month, day and hour, such as "
		"\"%d.%m.%Y %H:%M:%S\", or seconds, milliseconds, microseconds, nanoseconds";
	return !text || log_time_is_format(text) ? OK : ERR_INVALID;
}

static int check_zone(const void *value, const char **ret_expected)
{
	int64_t offset_s;
	const char *text = *(const char *const *)value;
	*ret_expected = "UTC, or the time that is added to it, such as \"+01:00\"";
	return !text || log_zone_parse(view_text(text), &offset_s) == OK ? OK : ERR_INVALID;
}

static const struct schema_field time_fields[] = {
	ROW(mapped_time, field, .name = "field", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .min = 1, .max = LOG_JSON_PATH - 1,
            .help = "What says when: date and time, or the date."),
	ROW(mapped_time, clock, .name = "clock", .type = SCHEMA_TEXT, .min = 1,
            .max = LOG_JSON_PATH - 1,
            .help = "What says the time of day, where that is another; a blank is put between them."),
	ROW(mapped_time, format, .name = "format", .type = SCHEMA_TEXT, .min = 1, .max = 64,
            .check = check_format,
            .help = "How it is written: %Y %y %m %b %d %e %a %H %I %M %S %f %p %z %s %F %T, or "
                    "`seconds` (or milli-, micro-, nanoseconds) since 1970. Left out: any of the "
                    "usual forms."),
	ROW(mapped_time, zone, .name = "zone", .type = SCHEMA_TEXT, .check = check_zone,
            .default_text = "UTC", .help = "Of times that do not say theirs, such as \"+01:00\"."),
	{.name = NULL},
};
static const struct schema time_schema = {
	.name = "time",
	.size = sizeof(struct mapped_time),
	.fields = time_fields,
	.help = "When it was.",
	.place_offset = offsetof(struct mapped_time, place),
};

#define COLUMN(member, text)                                                        \
	ROW(mapped_columns, member, .name = #member, .type = SCHEMA_TEXT, .min = 1, \
	    .max = LOG_JSON_PATH - 1, .help = text)
static const struct schema_field column_fields[] = {
	COLUMN(client, "The client's address, perhaps with a port, or its name."),
	COLUMN(user, "Who it was."),
	COLUMN(name, "The host that was asked for: a name or an address, perhaps with a port."),
	COLUMN(url, "The URL that was asked for."),
	COLUMN(server, "The address that was connected to; never that of a resolver."),
	COLUMN(up, "Bytes from the client."),
	COLUMN(down, "Bytes to the client."),
	{.name = NULL},
};
static const struct schema columns_schema = {
	.name = "columns",
	.size = sizeof(struct mapped_columns),
	.fields = column_fields,
	.help = "What is where.",
	.place_offset = offsetof(struct mapped_columns, place),
};

static const struct schema_field action_fields[] = {
	ROW(mapped_action, field, .name = "field", .type = SCHEMA_TEXT, .flags = SCHEMA_REQUIRED,
            .min = 1, .max = LOG_JSON_PATH - 1, .help = "What says what was done."),
	ROW(mapped_action, only, .name = "only", .type = SCHEMA_LIST, .item = &schema_text,
            .list_max = 64, .help = "Lines with other actions say nothing."),
	ROW(mapped_action, except, .name = "except", .type = SCHEMA_LIST, .item = &schema_text,
            .list_max = 64, .help = "Lines with these actions say nothing."),
	{.name = NULL},
};
static const struct schema action_schema = {
	.name = "action",
	.size = sizeof(struct mapped_action),
	.fields = action_fields,
	.help = "Which lines count. Left out: all.",
	.place_offset = offsetof(struct mapped_action, place),
};

static const struct schema_field file_fields[] = {
	ROW(mapping_file, mapping, .name = "mapping", .type = SCHEMA_ID, .flags = SCHEMA_REQUIRED,
            .check = check_name, .help = "Its name, which results show as the format."),
	ROW(mapping_file, lines, .name = "lines", .type = SCHEMA_CHOICE, .choices = lines_names,
            .default_text = "columns",
            .help = "`columns` between separators, or `json`: one object a line."),
	ROW(mapping_file, separator, .name = "separator", .type = SCHEMA_TEXT,
            .check = check_separator, .default_text = ",",
            .help = "What parts columns: one character, `tab`, or `blanks` (any number of them)."),
	ROW(mapping_file, quote, .name = "quote", .type = SCHEMA_TEXT, .check = check_sign,
            .default_text = "\"",
            .help = "What columns may be put in, so that they may hold separators; or `none`."),
	ROW(mapping_file, comment, .name = "comment", .type = SCHEMA_TEXT, .check = check_sign,
            .default_text = "none", .help = "What lines begin with that say nothing; or `none`."),
	ROW(mapping_file, header, .name = "header", .type = SCHEMA_BOOL, .default_text = "yes",
            .help = "The first line names the columns. `no`: they are told by number, from 1."),
	ROW(mapping_file, time, .name = "time", .type = SCHEMA_STRUCT, .child = &time_schema,
            .help = "When it was."),
	ROW(mapping_file, columns, .name = "columns", .type = SCHEMA_STRUCT,
            .child = &columns_schema, .flags = SCHEMA_REQUIRED,
            .help = "What is where: names of columns, their numbers, or paths of members such as "
                    "`event.host`. At least one of name, url and server."),
	ROW(mapping_file, action, .name = "action", .type = SCHEMA_STRUCT, .child = &action_schema,
            .help = "Which lines count."),
	{.name = NULL},
};
const struct schema log_mapping_schema = {
	.name = "mapping",
	.size = sizeof(struct mapping_file),
	.fields = file_fields,
	.help = "How a log is to be read that no format knows.",
	.place_offset = offsetof(struct mapping_file, place),
};

/* --- from the file to a format --- */

enum part { PART_TIME, PART_COLUMNS, PART_ACTION };

/* Where in the file each column is named, and what it is for. */
static const struct place {
	enum part part;
	size_t offset;
	const char *name;
	enum log_field field;
} places[] = {
	{PART_TIME, offsetof(struct mapped_time, field), "field", LOG_DATE},
	{PART_TIME, offsetof(struct mapped_time, clock), "clock", LOG_CLOCK},
	{PART_COLUMNS, offsetof(struct mapped_columns, client), "client", LOG_CLIENT},
	{PART_COLUMNS, offsetof(struct mapped_columns, user), "user", LOG_USER},
	{PART_COLUMNS, offsetof(struct mapped_columns, name), "name", LOG_HOST},
	{PART_COLUMNS, offsetof(struct mapped_columns, url), "url", LOG_URL},
	{PART_COLUMNS, offsetof(struct mapped_columns, server), "server", LOG_DESTINATION},
	{PART_COLUMNS, offsetof(struct mapped_columns, up), "up", LOG_UP},
	{PART_COLUMNS, offsetof(struct mapped_columns, down), "down", LOG_DOWN},
	{PART_ACTION, offsetof(struct mapped_action, field), "field", LOG_ACTION},
};
enum { PLACES = sizeof(places) / sizeof(*places) };
_Static_assert(PLACES <= (size_t)MAPPED_COLUMNS_MAX, "each place may name a column");

static const struct {
	const struct schema *schema;
	size_t offset;
} parts[] = {
	[PART_TIME] = {&time_schema, offsetof(struct mapping_file, time)},
	[PART_COLUMNS] = {&columns_schema, offsetof(struct mapping_file, columns)},
	[PART_ACTION] = {&action_schema, offsetof(struct mapping_file, action)},
};

static void add_column(struct log_mapping *m, const struct place *place, const char *name,
                       struct config_place at, struct arena *a, struct problems *p)
{
	struct mapped_column *c = &m->columns[m->column_count];
	uint64_t number = 0;
	*c = (struct mapped_column){.name = name, .field = (uint8_t)place->field};
	if (!m->is_json && !m->has_header &&
	    (decimal_parse(view_text(name), 3, &number) < 0 || number < 1 ||
	     number > LOG_COLUMNS_MAX)) {
		problem_add(
			p, at.file, at.line, at.column,
			"column \"%s\", expected its number, from 1 to %d, as there is no header",
			name, LOG_COLUMNS_MAX);
		return;
	}
	for (size_t i = 0; i < m->column_count; i++) {
		if (strcasecmp(m->columns[i].name, name) != 0)
			continue;
		problem_add(p, at.file, at.line, at.column,
		            "column \"%s\" is named twice, expected one use of each", name);
		return;
	}
	c->number = (size_t)number;
	c->problem = arena_printf(a, "%s:%u:%u: there is no column \"%s\"", at.file, at.line,
	                          at.column, name);
	m->keys[m->column_count++] = (struct log_key){name, place->field};
}

static void add_columns(struct log_mapping *m, const struct mapping_file *file, struct arena *a,
                        struct problems *p)
{
	bool has_what = false;
	for (size_t i = 0; i < PLACES; i++) {
		const char *part = (const char *)file + parts[places[i].part].offset;
		const char *name;
		memcpy(&name, part + places[i].offset, sizeof(name));
		if (!name)
			continue;
		has_what |= log_mapped_says_what(places[i].field);
		add_column(m, &places[i], name,
		           config_place_of(parts[places[i].part].schema, part, places[i].name), a,
		           p);
	}
	struct config_place at = config_place_of(&log_mapping_schema, file, "columns");
	if (!has_what)
		problem_add(p, at.file, at.line, at.column,
		            "none of name, url and server, expected one at least: they are what is "
		            "looked for");
}

static uint8_t sign_of(const char *text)
{
	if (strcmp(text, "none") == 0 || strcmp(text, "blanks") == 0)
		return 0;
	return strcmp(text, "tab") == 0 ? '\t' : (uint8_t)text[0];
}

static void set_format(struct log_mapping *m, const struct mapping_file *file, struct arena *a)
{
	m->format = (struct audit_format){.name = arena_printf(a, "mapping %s", file->mapping),
	                                  .help = "as a mapping says",
	                                  .is_lines = true,
	                                  .probe = log_mapping_probe,
	                                  .open = log_mapping_open,
	                                  .read = log_lines_read,
	                                  .finish = log_lines_finish,
	                                  .close = log_lines_close};
	m->kind = (struct log_kind){
		.dialect = {LINE_ENDS_PERCENT | (m->is_json ? LINE_ENDS_BACKSLASH : 0), true},
		.keys = m->keys,
		.parse = log_mapped_parse,
		.find_header = m->has_header ? log_mapped_find_header : NULL};
}

int log_mapping_read(const char *file, struct view text, struct arena *a, struct problems *p,
                     const struct log_mapping **ret)
{
	struct mapping_file f;
	size_t before = p->count;
	int code = schema_read(&log_mapping_schema, file, text, a, p, &f);
	if (code < 0)
		return code;
	struct log_mapping *m = arena_alloc(a, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->is_json = f.lines == LINES_JSON;
	m->has_header = f.header && !m->is_json;
	m->joins_blanks = strcmp(f.separator, "blanks") == 0;
	m->separator = sign_of(f.separator);
	m->quote = sign_of(f.quote);
	m->comment = sign_of(f.comment);
	m->time_format = f.time.format;
	m->only = f.action.only;
	m->except = f.action.except;
	m->hash = hash_bytes(text.bytes, text.size, 0);
	if (f.time.zone && log_zone_parse(view_text(f.time.zone), &m->offset_s) < 0)
		m->offset_s = 0;
	add_columns(m, &f, a, p);
	set_format(m, &f, a);
	if (p->count != before)
		return ERR_INVALID;
	if (a->failed)
		return -ENOMEM;
	*ret = m;
	return OK;
}
