#include "audit/log_json.h"

#include "audit/line_escape.h"

struct walk {
	const struct log_kind *kind;
	struct log_state *state;
	struct log_record *record;
	struct view rest;
	uint8_t path[LOG_JSON_PATH];
	size_t path_size;
	unsigned depth;
	uint32_t needed;  /* bits of kind->needs that were met */
	struct view name; /* what the object that is walked calls itself by its member "name" */
};

static int walk_value(struct walk *w);

static void skip_space(struct walk *w)
{
	while (w->rest.size && view_is_space(w->rest.bytes[0]))
		w->rest = view_skip(w->rest, 1);
}

static bool take(struct walk *w, uint8_t c)
{
	skip_space(w);
	if (w->rest.size == 0 || w->rest.bytes[0] != c)
		return false;
	w->rest = view_skip(w->rest, 1);
	return true;
}

static struct view unescape(struct walk *w, struct view text)
{
	if (!memchr(text.bytes, '\\', text.size))
		return text;
	uint8_t *room = log_state_room(w->state, text.size + 8);
	if (!room)
		return (struct view){0};
	return view_of(room, line_escape_undo(text, false, true, room, text.size + 8));
}

static int take_string(struct walk *w, struct view *ret)
{
	size_t size = 0;
	if (!take(w, '"'))
		return ERR_MALFORMED;
	while (size < w->rest.size && w->rest.bytes[size] != '"')
		size += w->rest.bytes[size] == '\\' ? 2 : 1;
	if (size >= w->rest.size)
		return ERR_MALFORMED;
	*ret = unescape(w, view_of(w->rest.bytes, size));
	w->rest = view_skip(w->rest, size + 1);
	return OK;
}

/* The value of {"name":"x","value":"y"} is what a member x of its list would be. */
static void meet_named(struct walk *w, struct view value)
{
	uint8_t path[LOG_JSON_PATH];
	const uint8_t *dot = memrchr(w->path, '.', w->path_size);
	size_t before = dot ? (size_t)(dot - w->path) + 1 : 0;
	struct view last = view_of(w->path + before, w->path_size - before);
	if (view_is(last, "name"))
		w->name = value;
	if (w->name.size == 0 || w->name.size > sizeof(path) - before || !view_is(last, "value"))
		return;
	memcpy(path, w->path, before);
	memcpy(path + before, w->name.bytes, w->name.size);
	struct view whole = view_of(path, before + w->name.size);
	log_record_set(w->record, log_key_find(w->kind->keys, whole), value);
}

static void meet(struct walk *w, struct view value)
{
	struct view path = view_of(w->path, w->path_size);
	for (unsigned i = 0; w->kind->needs && w->kind->needs[i]; i++)
		w->needed |= view_is(path, w->kind->needs[i]) ? 1u << i : 0;
	log_record_set(w->record, log_key_find(w->kind->keys, path), value);
	meet_named(w, value);
}

static int walk_member(struct walk *w)
{
	struct view key;
	size_t before = w->path_size;
	int code = take_string(w, &key);
	if (code < 0 || !take(w, ':'))
		return ERR_MALFORMED;
	if (key.size + 1 < sizeof(w->path) - before) {
		if (before)
			w->path[w->path_size++] = '.';
		memcpy(w->path + w->path_size, key.bytes, key.size);
		w->path_size += key.size;
	}
	code = walk_value(w);
	w->path_size = before;
	return code;
}

static int walk_list(struct walk *w, uint8_t end, int (*one)(struct walk *))
{
	int code = OK;
	if (take(w, end))
		return OK;
	if (++w->depth > LOG_JSON_DEPTH)
		return ERR_MALFORMED;
	do {
		code = one(w);
	} while (code == OK && take(w, ','));
	w->depth--;
	return code == OK && take(w, end) ? OK : ERR_MALFORMED;
}

static int walk_object(struct walk *w)
{
	struct view outer = w->name;
	w->name = (struct view){0};
	int code = walk_list(w, '}', walk_member);
	w->name = outer;
	return code;
}

static int walk_value(struct walk *w)
{
	struct view value;
	skip_space(w);
	if (w->rest.size && w->rest.bytes[0] == '"') {
		int code = take_string(w, &value);
		if (code == OK)
			meet(w, value);
		return code;
	}
	if (take(w, '{'))
		return walk_object(w);
	if (take(w, '['))
		return walk_list(w, ']', walk_value);
	size_t size = 0;
	while (size < w->rest.size && !strchr(",]} \t", w->rest.bytes[size]))
		size++;
	if (size == 0)
		return ERR_MALFORMED;
	meet(w, view_of(w->rest.bytes, size));
	w->rest = view_skip(w->rest, size);
	return OK;
}

int log_json_parse(const struct log_kind *kind, struct log_state *state, struct view line,
                   struct log_record *ret)
{
	struct walk w = {.kind = kind, .state = state, .record = ret};
	const uint8_t *open = memchr(line.bytes, '{', line.size);
	if (!open)
		return ERR_MALFORMED;
	w.rest = view_skip(line, (size_t)(open - line.bytes));
	int code = walk_value(&w);
	if (code < 0)
		return code;
	for (unsigned i = 0; kind->needs && kind->needs[i]; i++) {
		if (!(w.needed >> i & 1))
			return LOG_SILENT;
	}
	return OK;
}
