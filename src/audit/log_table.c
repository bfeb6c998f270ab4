/* log_table.c - lines of columns, named by a header. */
#include "audit/log_fields.h"

static void name_columns(const struct log_kind *kind, struct log_state *s, struct view header)
{
	struct view name;
	s->column_count = 0;
	while (s->column_count < LOG_COLUMNS_MAX && log_column_next(&header, s->separator, &name)) {
		name = view_trim(name);
		s->columns[s->column_count++] = (uint8_t)log_key_find(kind->keys, name);
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

static void rename_columns(const struct log_kind *kind, struct log_state *s, struct view header)
{
	uint8_t before[LOG_COLUMNS_MAX];
	size_t count = s->column_count;
	memcpy(before, s->columns, count);
	s->column_count = 0;
	if (has_needs(kind, header, s->separator))
		name_columns(kind, s, header);
	s->has_new_columns |= !s->is_begin && !view_equal(view_of(before, count),
	                                                  view_of(s->columns, s->column_count));
}

static int read_comment(const struct log_kind *kind, struct log_state *s, struct view line)
{
	struct view before, rest;
	if (log_cut(line, "#separator ", &before, &rest) && before.size == 0) {
		s->separator = view_is(rest, "\\x09") ? '\t' : rest.size ? rest.bytes[0] : '\t';
	} else if (log_cut(line, "#path", &before, &rest) && before.size == 0) {
		struct view path = view_trim(rest);
		size_t size = path.size < sizeof(s->path) - 1 ? path.size : sizeof(s->path) - 1;
		memcpy(s->path, path.bytes, size);
		s->path[size] = 0;
	} else if ((log_cut(line, "#fields", &before, &rest) ||
	            log_cut(line, "#Fields:", &before, &rest)) &&
	           before.size == 0) {
		rename_columns(kind, s, view_trim(rest));
	}
	return LOG_SILENT;
}

/* A first line that has the columns that the format needs names them; it may come again. */
static bool read_first_line(const struct log_kind *kind, struct log_state *s, struct view line)
{
	if (!kind->needs || line.size > sizeof(s->header) || !has_needs(kind, line, s->separator))
		return false;
	name_columns(kind, s, line);
	memcpy(s->header, line.bytes, line.size);
	s->header_size = line.size;
	return true;
}

int log_table_parse(const struct log_kind *kind, struct log_state *s, struct view line,
                    struct log_record *ret)
{
	bool has_comments = kind->dialect.marks & LINE_ENDS_HASH;
	if (has_comments && line.size && line.bytes[0] == '#')
		return read_comment(kind, s, line);
	if (s->header_size && view_equal(line, view_of(s->header, s->header_size)))
		return LOG_SILENT;
	if (s->column_count == 0)
		return !has_comments && read_first_line(kind, s, line) ? LOG_SILENT : ERR_MALFORMED;
	struct view value;
	size_t at = 0;
	for (; log_column_next(&line, s->separator, &value); at++) {
		if (at < s->column_count)
			log_record_set(ret, s->columns[at], value);
	}
	return at == s->column_count ? OK : ERR_MALFORMED;
}
