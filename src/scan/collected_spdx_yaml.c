/* SPDX 2 as YAML: the same records as its JSON has. libyaml asks for bytes, and is given no more of them between two
 * events than a bounded memory can hold. */
#include <errno.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/cleanup.h"
#include "scan/collected_record.h"

/* Heads (%TAG) of one document are compared with all before them. */
enum { BETWEEN_MAX = 256 << 10 };

struct level {
	bool is_map, has_key; /* of a map: its next event is a value */
	bool is_nameless;     /* and its key was a list or a map */
};

struct reader {
	struct collected_records records;
	const struct collected_input *in;
	struct view rest;
	size_t between; /* bytes since the last event */
	int error;      /* why no more were given */
	uint64_t aliases;
	unsigned depth;
	struct level levels[JSON_RECORD_DEPTH_MAX + 1];
	yaml_parser_t parser;
};

/* A byte at a time: of a block with a byte that breaks the format libyaml would tell nothing. */
static int on_read(void *context, unsigned char *room, size_t size, size_t *ret_size)
{
	struct reader *r = context;
	if (r->rest.size == 0)
		r->error = r->in->next(r->in->context, &r->rest);
	if (r->error == OK && r->between > BETWEEN_MAX)
		r->error = ERR_LIMIT;
	if (r->error != OK)
		return 0;
	*ret_size = size && r->rest.size ? 1 : 0;
	if (*ret_size)
		room[0] = r->rest.bytes[0];
	r->between += *ret_size;
	r->rest = view_skip(r->rest, *ret_size);
	return 1;
}

static int tell(struct reader *r, enum json_event event, struct view text)
{
	return collected_tell(&r->records, event, text);
}

/* Whether what comes is a key, and then that the next is its value. */
static bool take_turn(struct reader *r)
{
	struct level *top = &r->levels[r->depth];
	top->has_key = top->is_map && !top->has_key;
	return top->has_key;
}

/* A list or map that is a key, and the value of one, are members without a name. */
static int begin(struct reader *r, bool is_map)
{
	struct level *top = &r->levels[r->depth];
	if (r->depth == JSON_RECORD_DEPTH_MAX)
		return ERR_LIMIT;
	bool is_key = take_turn(r), is_nameless = is_key || top->is_nameless;
	top->is_nameless = is_key;
	int code = is_nameless ? tell(r, JSON_KEY, (struct view){0}) : OK;
	r->levels[++r->depth] = (struct level){.is_map = is_map};
	return code == OK ? tell(r, is_map ? JSON_OBJECT_BEGIN : JSON_ARRAY_BEGIN, (struct view){0})
	                  : code;
}

static int end(struct reader *r, bool is_map)
{
	r->depth--;
	return tell(r, is_map ? JSON_OBJECT_END : JSON_ARRAY_END, (struct view){0});
}

static bool is_null(struct view text)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (view_is(text, words[i]))
			return true;
	}
	return false;
}

static int on_scalar(struct reader *r, const yaml_event_t *e)
{
	struct view text = view_of(e->data.scalar.value, e->data.scalar.length);
	bool is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	text.size = text.size < JSON_STREAM_TEXT_MAX ? text.size : JSON_STREAM_TEXT_MAX;
	r->levels[r->depth].is_nameless = false;
	if (take_turn(r))
		return tell(r, JSON_KEY, text);
	return is_plain && is_null(text) ? tell(r, JSON_LITERAL, view_text("null"))
	                                 : tell(r, JSON_TEXT, text);
}

/* What was written elsewhere is not followed, but counted. */
static int on_alias(struct reader *r)
{
	r->aliases++;
	r->levels[r->depth].is_nameless = false;
	return take_turn(r) ? tell(r, JSON_KEY, (struct view){0})
	                    : tell(r, JSON_LITERAL, view_text("null"));
}

static int on_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_MAPPING_START_EVENT: return begin(r, true);
	case YAML_SEQUENCE_START_EVENT: return begin(r, false);
	case YAML_MAPPING_END_EVENT: return end(r, true);
	case YAML_SEQUENCE_END_EVENT: return end(r, false);
	case YAML_SCALAR_EVENT: return on_scalar(r, e);
	case YAML_ALIAS_EVENT: return on_alias(r);
	default: return OK;
	}
}

static void set_place(struct collected_count *count, yaml_mark_t at, const char *why)
{
	count->why = why;
	count->line = at.line + 1;
	count->column = at.column + 1;
}

static int fail(struct reader *r, struct collected_count *count)
{
	const yaml_parser_t *p = &r->parser;
	bool is_reader = p->error == YAML_READER_ERROR;
	if (p->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (r->error != OK && r->error != ERR_LIMIT)
		return r->error;
	set_place(count, is_reader ? p->mark : p->problem_mark,
	          r->error == ERR_LIMIT ? "a value, or what stands before it, is too long"
	                                : p->problem);
	return r->error != OK ? r->error : ERR_MALFORMED;
}

static int read_events(struct reader *r, struct collected_count *count)
{
	yaml_event_t event;
	bool is_end = false;
	int code = OK;
	while (code >= 0 && !is_end) {
		if (!yaml_parser_parse(&r->parser, &event))
			return fail(r, count);
		r->between = 0;
		code = on_event(r, &event);
		if (code == ERR_LIMIT)
			set_place(count, event.start_mark, "values lie too deep in one another");
		is_end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	return code < 0 ? code : OK;
}

static int read_all(struct reader *r, struct collected_count *count)
{
	if (!yaml_parser_initialize(&r->parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&r->parser, on_read, r);
	int code = read_events(r, count);
	yaml_parser_delete(&r->parser);
	count->not_understood = r->aliases;
	return code;
}

int collected_read_spdx_yaml(const struct collected_input *in, collected_on *on, void *context,
                             struct collected_count *count)
{
	cleanup(free) struct reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->in = in;
	int code = collected_records_begin(&collected_form_spdx, on, context, &r->records);
	if (code < 0)
		return code;
	code = read_all(r, count);
	collected_records_end(&r->records, count);
	return code;
}

/* A key of the document at the begin of a line, as it is or in quotes. */
static bool has_key(struct view text, const char *key)
{
	while (text.size) {
		struct view line = view_split(&text, '\n');
		bool is_quoted = line.size && (line.bytes[0] == '"' || line.bytes[0] == '\'');
		line = view_skip(line, is_quoted);
		if (!view_starts_with(line, view_text(key)))
			continue;
		line = view_skip(line, strlen(key) + is_quoted);
		if (line.size && line.bytes[0] == ':')
			return true;
	}
	return false;
}

/* Tag-value has an SPDXID, too, and SPDXVersion in capitals. Where keys are sorted only SPDXID may be near. */
int collected_probe_spdx_yaml(struct view first)
{
	struct view trimmed = view_trim(first);
	if (trimmed.size == 0 || memchr("{[<", trimmed.bytes[0], 3))
		return 0;
	return has_key(first, "spdxVersion") ? 92 : has_key(first, "SPDXID") ? 85 : 0;
}
