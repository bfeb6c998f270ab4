/* log_table.c - lines of columns, named by a header. */
#include "audit/log_fields.h"

static uint8_t separator_of(const struct log_kind *kind, const struct log_columns *c)
{
	return c->separator ? c->separator : kind->separator;
}

static void name_columns(const struct log_kind *kind, struct log_columns *c, struct view header)
{
	struct view name;
	c->count = 0;
	while (c->count < LOG_COLUMNS_MAX &&
	       log_column_next(&header, separator_of(kind, c), &name)) {
		name = view_trim(name);
		c->fields[c->count++] = (uint8_t)log_key_find(kind->keys, name);
	}
}

static bool has_column(struct view header, uint8_t separator, const char *wanted)
{
	struct view name;
	while (log_column_next(&header, separator, &name)) {
		if (view_is_nocase(view_trim(name), wanted))
			return true;
	}
	return false;
}

static bool has_needs(const struct log_kind *kind, struct view header, uint8_t separator)
{
	for (unsigned i = 0; kind->needs && kind->needs[i]; i++) {
		if (!has_column(header, separator, kind->needs[i]))
			return false;
	}
	return true;
}

bool log_table_take_header(const struct log_kind *kind, struct log_state *s, struct view line)
{
	if (!has_needs(kind, line, separator_of(kind, &s->columns)))
		return false;
	name_columns(kind, &s->columns, line);
	return true;
}

static void name_kind(struct log_columns *c, uint8_t kind)
{
	c->kind = kind;
	if (c->first_kind == 0)
		c->first_kind = kind;
	c->is_mixed |= kind != c->first_kind;
}

/* While it is asked whether it is this kind, others are not. */
static void take_fields(const struct log_kind *kind, struct log_state *s, struct view header)
{
	const struct log_kind *const own[] = {kind, NULL};
	const struct log_kind *const *all = kind->family && !s->is_probed ? kind->family : own;
	/* of W3C: some part columns by tabs, and have blanks in values */
	if (kind->separator == ' ' && header.size)
		s->columns.separator = memchr(header.bytes, '\t', header.size) ? '\t' : 0;
	uint8_t i = 0, separator = separator_of(kind, &s->columns);
	if (header.size && header.bytes[0] == separator)
		header = view_skip(header, 1);
	while (all[i] && !has_needs(all[i], header, separator))
		i++;
	s->columns.count = s->columns.kind = 0;
	if (!all[i])
		return;
	name_columns(all[i], &s->columns, header);
	if (kind->family)
		name_kind(&s->columns, i + 1);
}

static int read_comment(const struct log_kind *kind, struct log_state *s, struct view line)
{
	struct log_columns *c = &s->columns;
	struct view before, rest;
	if (log_cut(line, "#separator ", &before, &rest) && before.size == 0) {
		c->separator = view_is(rest, "\\x09") ? '\t' : rest.size ? rest.bytes[0] : '\t';
	} else if ((log_cut(line, "#fields", &before, &rest) ||
	            log_cut(line, "#Fields:", &before, &rest)) &&
	           before.size == 0) {
		take_fields(kind, s, view_trim(rest));
	}
	return LOG_SILENT;
}

static int cut_columns(const struct log_columns *c, uint8_t separator, uint8_t quote,
                       struct view line, struct log_record *ret)
{
	struct view value;
	size_t at = 0;
	for (; log_column_cut(&line, separator, quote, &value); at++) {
		if (at < c->count && c->fields[at] != LOG_NOTHING)
			log_record_set(ret, c->fields[at], value);
	}
	return at == c->count ? OK : ERR_MALFORMED;
}

/* Some write values with blanks in quotes, others as they are: a quote alone must not hide the rest of its line. */
int log_table_parse(const struct log_kind *kind, struct log_state *s, struct view line,
                    struct log_record *ret)
{
	const struct log_columns *c = &s->columns;
	uint8_t separator = separator_of(kind, c);
	if ((kind->dialect.marks & LINE_ENDS_HASH) && line.size && line.bytes[0] == '#')
		return read_comment(kind, s, line);
	if (c->count == 0)
		return ERR_MALFORMED;
	if (separator != '\t') {
		if (cut_columns(c, separator, '"', line, ret) == OK)
			return OK;
		*ret = log_record_none();
	}
	return cut_columns(c, separator, 0, line, ret);
}
