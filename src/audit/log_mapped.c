#include "audit/log_mapped.h"

#include <errno.h>
#include <stdlib.h>

#include "audit/log_fields.h"
#include "audit/log_json.h"
#include "audit/log_time.h"

bool log_mapped_says_what(enum log_field field)
{
	return field == LOG_HOST || field == LOG_URL || field == LOG_DESTINATION;
}

static const struct log_mapping *mapping_of(const struct log_kind *kind)
{
	return (const struct log_mapping *)((const char *)kind -
	                                    offsetof(struct log_mapping, kind));
}

static bool next_column(const struct log_mapping *m, struct view *rest, struct view *ret)
{
	return m->joins_blanks ? log_word_next(rest, ret)
	                       : log_column_cut(rest, m->separator, m->quote, ret);
}

static struct view without_mark(struct view line)
{
	bool has_mark = line.size >= 3 && memcmp(line.bytes, "\xef\xbb\xbf", 3) == 0;
	return has_mark ? view_skip(line, 3) : line;
}

static bool says_nothing(const struct log_mapping *m, struct view line)
{
	return view_trim(line).size == 0 || (m->comment && line.bytes[0] == m->comment);
}

static uint8_t field_of(const struct log_mapping *m, struct view name, size_t number)
{
	for (size_t i = 0; i < m->column_count; i++) {
		const struct mapped_column *c = &m->columns[i];
		if (c->number ? c->number == number : view_is_nocase(name, c->name))
			return c->field;
	}
	return LOG_NOTHING;
}

/* Of the names that the mapping has, the longest is the mark by which another header is found. */
static void keep_mark(struct log_columns *c, struct view name)
{
	if (name.size > LOG_MARK_MAX)
		name.size = LOG_MARK_MAX;
	if (name.size <= c->mark_size)
		return;
	memcpy(c->mark, name.bytes, name.size);
	c->mark_size = name.size;
}

/* The line that names the columns; without a header, the first: it says how many there are. */
static struct log_columns read_header(const struct log_mapping *m, struct view line)
{
	struct log_columns c = {.is_known = true};
	struct view rest = without_mark(line), name;
	while (c.count < LOG_COLUMNS_MAX && next_column(m, &rest, &name)) {
		name = view_trim(name);
		c.fields[c.count] = field_of(m, name, c.count + 1);
		if (m->has_header && c.fields[c.count] != LOG_NOTHING)
			keep_mark(&c, name);
		c.count++;
	}
	return c;
}

static const uint8_t *find_mark(const struct log_columns *c, struct view text)
{
	return text.size && c->mark_size ? memmem(text.bytes, text.size, c->mark, c->mark_size)
	                                 : NULL;
}

static bool has_column(const struct log_columns *c, const struct mapped_column *wanted)
{
	if (wanted->number)
		return wanted->number <= c->count;
	return memchr(c->fields, wanted->field, c->count);
}

/* What the header lacks; NULL: nothing. */
static const char *find_lack(const struct log_mapping *m, const struct log_columns *c)
{
	for (size_t i = 0; i < m->column_count; i++) {
		if (!has_column(c, &m->columns[i]))
			return m->columns[i].problem;
	}
	return NULL;
}

/* A header that comes again, perhaps with other columns. */
static bool take_other_header(const struct log_mapping *m, struct log_columns *c, struct view line)
{
	if (!find_mark(c, line))
		return false;
	struct log_columns other = read_header(m, line);
	if (find_lack(m, &other))
		return false;
	*c = other;
	return true;
}

static bool is_edge(const struct log_mapping *m, uint8_t c)
{
	return c == m->separator || (m->quote && c == m->quote) || view_is_space(c);
}

/* Whether the mark stands there as a column and is not part of what one says. */
static bool is_column(const struct log_mapping *m, size_t mark_size, struct view run,
                      const uint8_t *at)
{
	const uint8_t *end = at + mark_size;
	return (at == run.bytes || is_edge(m, at[-1])) &&
	       (mark_size == LOG_MARK_MAX || end == run.bytes + run.size || is_edge(m, *end));
}

const uint8_t *log_mapped_find_header(const struct log_kind *kind, const struct log_columns *now,
                                      struct view run)
{
	const struct log_mapping *m = mapping_of(kind);
	const uint8_t *at;
	while ((at = find_mark(now, run)) && !is_column(m, now->mark_size, run, at))
		run = view_skip(run, (size_t)(at - run.bytes) + 1);
	return at;
}

static int parse_columns(const struct log_mapping *m, struct log_state *s, struct view line,
                         struct log_record *ret)
{
	struct log_columns *c = &s->columns;
	struct view value;
	size_t at = 0;
	if (c->count == 0) {
		*c = read_header(m, line);
		if (m->has_header)
			return LOG_SILENT;
	}
	if (take_other_header(m, c, line))
		return LOG_SILENT;
	for (; next_column(m, &line, &value); at++) {
		if (at < c->count)
			log_record_set(ret, c->fields[at], value);
	}
	return at == c->count ? OK : ERR_MALFORMED;
}

/* What has a time that is not of the form that was said is not understood: nobody would notice a wrong form. */
static int settle_time(const struct log_mapping *m, struct log_record *r)
{
	uint8_t room[128];
	struct view text = r->date;
	if (r->date.size == 0)
		return OK;
	if (r->clock.size) {
		if (r->date.size + 1 + r->clock.size > sizeof(room))
			return ERR_MALFORMED;
		memcpy(room, r->date.bytes, r->date.size);
		room[r->date.size] = ' ';
		memcpy(room + r->date.size + 1, r->clock.bytes, r->clock.size);
		text = view_of(room, r->date.size + 1 + r->clock.size);
	}
	r->date = r->clock = (struct view){0};
	return m->time_format ? log_time_parse_by(m->time_format, text, m->offset_s, &r->at_us)
	                      : log_time_parse_at(text, m->offset_s, &r->at_us);
}

static bool has_action(const struct schema_list *list, struct view action)
{
	const char *const *all = list->items;
	for (size_t i = 0; i < list->count; i++) {
		if (view_is_nocase(action, all[i]))
			return true;
	}
	return false;
}

static bool counts(const struct log_mapping *m, struct view action)
{
	return !has_action(&m->except, action) &&
	       (m->only.count == 0 || has_action(&m->only, action));
}

int log_mapped_parse(const struct log_kind *kind, struct log_state *s, struct view line,
                     struct log_record *ret)
{
	const struct log_mapping *m = mapping_of(kind);
	if (says_nothing(m, line))
		return LOG_SILENT;
	int code = m->is_json ? log_json_parse(kind, s, line, ret) : parse_columns(m, s, line, ret);
	if (code != OK)
		return code;
	if (!counts(m, ret->action))
		return LOG_SILENT;
	return settle_time(m, ret);
}

/* --- whether a source has what the mapping names --- */

/* What the first line that says anything lacks; NULL: nothing. */
static const char *find_missing(const struct log_mapping *m, struct view first)
{
	struct view line = {0};
	while (first.size && says_nothing(m, line))
		line = view_split(&first, '\n');
	if (says_nothing(m, line))
		return NULL;
	struct log_columns c = read_header(m, view_trim(line));
	return find_lack(m, &c);
}

/* Members may be left out: only when no line has any that says what was met, something is wrong. */
static const char *find_missing_members(const struct log_mapping *m, struct log_state *s,
                                        struct view first)
{
	enum { LINES = 40 };
	bool has_lines = false;
	for (int i = 0; i < LINES && first.size; i++) {
		struct view line = view_split(&first, '\n');
		struct log_record r = log_record_none();
		s->scratch_used = 0;
		if (says_nothing(m, line) || log_json_parse(&m->kind, s, line, &r) != OK)
			continue;
		has_lines = true;
		if (r.host.size || r.url.size || r.path.size || r.destination.size)
			return NULL;
	}
	size_t i = 0;
	while (!log_mapped_says_what(m->columns[i].field))
		i++;
	return has_lines ? m->columns[i].problem : NULL;
}

static const char *find_problem(const struct log_mapping *m, struct view first, int *ret_code)
{
	struct log_state *s = calloc(1, sizeof(*s));
	*ret_code = s ? OK : -ENOMEM;
	if (!s)
		return NULL;
	const char *problem =
		m->is_json ? find_missing_members(m, s, first) : find_missing(m, first);
	free(s);
	return problem;
}

int log_mapping_probe(struct view first)
{
	(void)first;
	return 0;
}

int log_mapping_open(const struct audit_context *context, struct view first, void **ret)
{
	const struct log_mapping *m = (const struct log_mapping *)context->format;
	int code;
	if (!m)
		return ERR_MISSING;
	const char *problem = find_problem(m, first, &code);
	if (problem) {
		context->coverage->problem = view_text(problem);
		return ERR_INVALID;
	}
	return code < 0 ? code : log_kind_open(&m->kind, context, first, ret);
}
