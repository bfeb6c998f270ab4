#include "scan/model_json.h"

#include <stdio.h>
#include <string.h>

#include "wire/json_stream.h"

/* Members at any depth, as the text and the vision part of a model have their own. `mark` ones tell such a file from
 * other JSON: each is met in little else. */
static const struct field {
	const char *key, *kind;
	bool is_mark;
} fields[] = {
	{"architectures", "config-architecture", true},
	{"model_type", "config-model-type", true},
	{"base_model_name_or_path", "model", true},
	{"chat_template", "chat-template", true},
	{"tokenizer_class", NULL, true},
	{"_name_or_path", "model", false},
	{"eos_token", "chat-template", false},
	{"bos_token", "chat-template", false},
};
enum { FIELDS = sizeof(fields) / sizeof(*fields), PARENTS = JSON_STREAM_DEPTH_MAX + 1 };

struct reading {
	model_head_field *on_field;
	void *context;
	const struct field
		*of[PARENTS];     /* the member that each level is in; NULL: none that counts */
	const struct field *next; /* the member whose value comes */
	unsigned depth;
};

static const struct field *field_of(struct view key)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (view_is(key, fields[i].key))
			return &fields[i];
	}
	return NULL;
}

/* {"content": "..."} is how tokenizers write a token; the members of other objects are their own. */
static const struct field *key_field(const struct reading *r, struct view key)
{
	const struct field *own = field_of(key);
	return own || !view_is(key, "content") ? own : r->of[r->depth];
}

static int on_event(void *context, enum json_event event, struct view text)
{
	struct reading *r = context;
	switch (event) {
	case JSON_OBJECT_BEGIN:
	case JSON_ARRAY_BEGIN:
		r->of[++r->depth] = r->next;
		if (event == JSON_OBJECT_BEGIN)
			r->next = NULL;
		return OK;
	case JSON_OBJECT_END:
	case JSON_ARRAY_END:
		r->depth--;
		r->next = r->of[r->depth];
		return OK;
	case JSON_KEY: r->next = key_field(r, text); return OK;
	case JSON_TEXT:
		return r->next && r->next->kind && text.size
		               ? r->on_field(r->context, r->next->kind, text)
		               : OK;
	default: return OK;
	}
}

static bool has_key(struct view json, const char *key)
{
	char quoted[64];
	int size = snprintf(quoted, sizeof(quoted), "\"%s\"", key);
	return json.size && memmem(json.bytes, json.size, quoted, (size_t)size);
}

static bool has_mark(struct view json)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (fields[i].is_mark && has_key(json, fields[i].key))
			return true;
	}
	return false;
}

/* What Hugging Face's transformers and PEFT write, and who configures a client does not. */
bool model_json_is(struct view json)
{
	static const char *const keys[] = {"architectures", "transformers_version",
	                                   "torch_dtype",   "hidden_size",
	                                   "vocab_size",    "auto_map",
	                                   "chat_template", "tokenizer_class",
	                                   "peft_type",     "base_model_name_or_path"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (has_key(json, keys[i]))
			return true;
	}
	return false;
}

int model_json_read(struct view json, model_head_field *on_field, void *context)
{
	struct reading r = {.on_field = on_field, .context = context};
	struct json_stream s;
	if (view_starts_with(json, view_text("\xef\xbb\xbf")))
		json = view_skip(json, 3);
	if (!has_mark(json))
		return ERR_INVALID;
	json_stream_begin(&s, on_event, &r);
	int code = json_stream_feed(&s, json);
	code = code < 0 ? code : json_stream_end(&s);
	/* any file may hold keys */
	explicit_bzero(s.text, sizeof(s.text));
	return code;
}
