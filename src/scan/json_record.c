#include "scan/json_record.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum { NO_MEMBER = UINT32_MAX };

/* A member of the object `of`, or a nested object, whose members say that they are of it. */
struct member {
	uint32_t key, key_size, value, value_size; /* in texts */
	uint32_t of; /* the member that is their object; NO_MEMBER: of a level */
};

struct level {
	bool is_object, is_element; /* in an array or outermost: forgotten at its end */
	uint32_t member;            /* that it is, in the object above; NO_MEMBER for an element */
	uint32_t members, texts;    /* how many there were when it began */
	struct view key;            /* of the member, or of the array that it stands in */
};

struct json_records {
	struct json_stream stream;
	json_record_on *on;
	void *context;
	struct member members[JSON_RECORD_MEMBERS];
	uint8_t texts[JSON_RECORD_TEXTS];
	uint32_t member_count, text_size;
	struct level levels[JSON_RECORD_DEPTH_MAX + 1];
	unsigned depth;
	struct view key; /* of the value that comes; in texts */
	bool has_key;
	const char *kept; /* the key of arrays that are kept whole; or NULL */
	uint64_t cut;
};

static bool put_text(struct json_records *r, struct view text, uint32_t *ret)
{
	if (text.size > JSON_RECORD_TEXTS - r->text_size) {
		r->cut++;
		return false;
	}
	*ret = r->text_size;
	if (text.size)
		memcpy(r->texts + r->text_size, text.bytes, text.size);
	r->text_size += (uint32_t)text.size;
	return true;
}

static const struct level *top(const struct json_records *r)
{
	return &r->levels[r->depth];
}

static uint32_t add_member(struct json_records *r, struct view value)
{
	uint32_t at = 0;
	if (!r->has_key)
		return NO_MEMBER;
	if (r->member_count == JSON_RECORD_MEMBERS) {
		r->cut++;
		return NO_MEMBER;
	}
	if (!put_text(r, value, &at))
		return NO_MEMBER;
	r->members[r->member_count] =
		(struct member){(uint32_t)(r->key.bytes - r->texts), (uint32_t)r->key.size, at,
	                        (uint32_t)value.size, top(r)->member};
	return r->member_count++;
}

static int begin(struct json_records *r, bool is_object)
{
	if (r->depth == JSON_RECORD_DEPTH_MAX)
		return ERR_LIMIT;
	const struct level *above = top(r);
	bool is_element = r->depth == 0 || !above->is_object;
	struct level l = {.is_object = is_object,
	                  .is_element = is_element,
	                  .member = NO_MEMBER,
	                  .members = r->member_count,
	                  .texts = r->text_size,
	                  .key = is_element ? above->key : r->key};
	/* an array has no names: a text in it is the member's, an object an element */
	if (!is_element)
		l.member = is_object ? add_member(r, (struct view){0}) : above->member;
	r->levels[++r->depth] = l;
	if (is_object)
		r->has_key = false;
	return OK;
}

static int end(struct json_records *r, bool is_object)
{
	if (r->depth == 0)
		return ERR_MALFORMED;
	const struct level *l = top(r);
	int code = is_object && l->is_element ? r->on(r->context, r) : OK;
	if (l->is_element) {
		r->member_count = l->members;
		r->text_size = l->texts;
	} else if (!is_object && r->member_count == l->members && l->key.size) {
		/* a list in which nothing of its object lies: not even its name is needed */
		r->text_size = (uint32_t)(l->key.bytes - r->texts);
	}
	r->depth--;
	r->has_key = false;
	return code;
}

static void take_key(struct json_records *r, struct view text)
{
	uint32_t at = 0;
	r->has_key = put_text(r, text, &at);
	r->key = view_of(r->texts + at, r->has_key ? text.size : 0);
}

/* The first of an array is its member's, or all are; what has no key is nobody's. */
static void take_value(struct json_records *r, struct view text)
{
	const struct level *l = top(r);
	if (r->kept && r->depth && !l->is_object && !l->is_element && view_is(l->key, r->kept)) {
		r->key = l->key;
		r->has_key = true;
	}
	(void)add_member(r, text);
	r->has_key = false;
}

int json_records_event(struct json_records *r, enum json_event event, struct view text)
{
	switch (event) {
	case JSON_OBJECT_BEGIN:
	case JSON_ARRAY_BEGIN: return begin(r, event == JSON_OBJECT_BEGIN);
	case JSON_OBJECT_END:
	case JSON_ARRAY_END: return end(r, event == JSON_OBJECT_END);
	case JSON_KEY: take_key(r, text); return OK;
	default:
		if (event == JSON_LITERAL && view_is(text, "null"))
			r->has_key = false;
		else
			take_value(r, text);
		return OK;
	}
}

static int on_event(void *context, enum json_event event, struct view text)
{
	return json_records_event(context, event, text);
}

int json_records_new(json_record_on *on, void *context, struct json_records **ret)
{
	struct json_records *r = malloc(sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->on = on;
	r->context = context;
	r->member_count = r->text_size = r->depth = 0;
	r->levels[0] = (struct level){.member = NO_MEMBER};
	r->key = (struct view){0};
	r->has_key = false;
	r->cut = 0;
	r->kept = NULL;
	json_stream_begin(&r->stream, on_event, r);
	*ret = r;
	return OK;
}

void json_records_free(struct json_records *r)
{
	if (r)
		explicit_bzero(r, sizeof(*r));
	free(r);
}

void json_records_keep(struct json_records *r, const char *key)
{
	r->kept = key;
}

int json_records_feed(struct json_records *r, struct view block)
{
	return json_stream_feed(&r->stream, block);
}

int json_records_end(struct json_records *r)
{
	return json_stream_end(&r->stream);
}

uint64_t json_records_cut(const struct json_records *r)
{
	return r->cut;
}

struct view json_record_key(const struct json_records *r)
{
	return top(r)->key;
}

static struct view key_of(const struct json_records *r, const struct member *m)
{
	return view_of(r->texts + m->key, m->key_size);
}

unsigned json_record_depth(const struct json_records *r)
{
	return r->depth;
}

/* Whether a member's whole name below `level` is `path`, read from its end. */
static bool is_named(const struct json_records *r, const struct level *l, uint32_t i,
                     struct view path)
{
	for (;;) {
		const struct member *m = &r->members[i];
		struct view key = key_of(r, m);
		if (path.size < key.size ||
		    !view_equal(view_of(path.bytes + path.size - key.size, key.size), key))
			return false;
		path.size -= key.size;
		if (m->of == l->member)
			return path.size == 0;
		if (m->of == NO_MEMBER || m->of < l->members || path.size == 0 ||
		    path.bytes[path.size - 1] != '.')
			return false;
		path.size--;
		i = m->of;
	}
}

static struct view text_at(const struct json_records *r, unsigned depth, struct view path,
                           size_t number)
{
	const struct level *l = &r->levels[depth];
	uint32_t until = depth < r->depth ? r->levels[depth + 1].members : r->member_count;
	for (uint32_t i = l->members; i < until; i++) {
		const struct member *m = &r->members[i];
		if (m->value_size && is_named(r, l, i, path) && number-- == 0)
			return view_of(r->texts + m->value, m->value_size);
	}
	return (struct view){0};
}

struct view json_record_text(const struct json_records *r, const char *path)
{
	return json_record_text_at(r, path, 0);
}

struct view json_record_text_at(const struct json_records *r, const char *path, size_t number)
{
	return text_at(r, r->depth, view_text(path), number);
}

struct view json_record_outer_text(const struct json_records *r, const char *path)
{
	struct view text = {0};
	for (unsigned depth = r->depth - 1; depth > 0 && text.size == 0; depth--) {
		if (r->levels[depth].is_object)
			text = text_at(r, depth, view_text(path), 0);
	}
	return text;
}
