#include "scan/model_head.h"

#include "scan/model_json.h"
#include "wire/gguf.h"
#include "wire/safetensors.h"

enum { VALUE_SIZE_MAX = 4096 };

struct reading {
	model_head_field *on_field;
	void *context;
	int error;
};

static void tell(struct reading *r, const char *kind, struct view value)
{
	if (r->error == OK && value.size) {
		int code = r->on_field(r->context, kind, value);
		r->error = code < 0 ? code : OK;
	}
}

/* https://huggingface.co/ORG/NAME says which repository it came from. */
static void tell_repository(struct reading *r, struct view url)
{
	static const char host[] = "https://huggingface.co/";
	if (view_starts_with(url, view_text(host)))
		tell(r, "model", view_skip(url, strlen(host)));
}

static const struct {
	enum gguf_key key;
	const char *kind;
} gguf_fields[] = {
	{GGUF_ARCHITECTURE, "gguf-architecture"},
	{GGUF_TOKENIZER_PRE, "gguf-tokenizer"},
	{GGUF_PROJECTOR, "gguf-projector"},
	{GGUF_CHAT_TEMPLATE, "chat-template"},
};

static int read_gguf(struct reading *r, struct view head)
{
	struct gguf g;
	int code = gguf_parse(head, &g);
	if (code != OK && code != ERR_TRUNCATED && g.entries_read == 0)
		return code;
	for (size_t i = 0; i < sizeof(gguf_fields) / sizeof(*gguf_fields); i++)
		tell(r, gguf_fields[i].kind, g.values[gguf_fields[i].key]);
	tell_repository(r, g.values[GGUF_REPO_URL]);
	tell_repository(r, g.values[GGUF_BASE_REPO_URL]);
	return r->error < 0 ? r->error : code;
}

/* Members of __metadata__; NULL: the address of a repository. */
static const struct {
	const char *key, *kind;
} safetensors_fields[] = {
	{"modelspec.architecture", "config-architecture"},
	{"architecture", "config-architecture"},
	{"model_type", "config-model-type"},
	{"base_model", "model"},
	{"ss_base_model_version", "model"},
	{"_name_or_path", "model"},
	{"model_name", "model"},
	{"repo_url", NULL},
};

/* The value as a reader of JSON has it; what is not JSON, or longer than any name, says nothing. */
static void tell_value(struct reading *r, const char *kind, struct view value)
{
	uint8_t room[VALUE_SIZE_MAX];
	int size = safetensors_unescape(value, room, sizeof(room));
	if (size > 0 && kind)
		tell(r, kind, view_of(room, (size_t)size));
	else if (size > 0)
		tell_repository(r, view_of(room, (size_t)size));
}

static void tell_metadata(struct reading *r, const struct safetensors_item *item)
{
	for (size_t i = 0; i < sizeof(safetensors_fields) / sizeof(*safetensors_fields); i++) {
		if (safetensors_is(item->key, safetensors_fields[i].key))
			tell_value(r, safetensors_fields[i].kind, item->value);
	}
}

static int read_safetensors(struct reading *r, struct view head)
{
	struct safetensors s;
	struct safetensors_item item;
	int code = safetensors_open(head, &s);
	if (code < 0)
		return code;
	while (r->error == OK && (code = safetensors_next(&s, &item)) > 0) {
		if (item.kind == SAFETENSORS_METADATA)
			tell_metadata(r, &item);
	}
	return r->error < 0 ? r->error : code;
}

/* The size of a header, then its first brace. */
static bool is_safetensors(struct view first)
{
	if (first.size < 10 || first.bytes[8] != '{')
		return false;
	uint64_t size = 0;
	for (int i = 7; i >= 0; i--)
		size = size << 8 | first.bytes[i];
	return size >= 2 && size <= SAFETENSORS_HEADER_SIZE_MAX;
}

enum model_form model_head_form(struct view first)
{
	if (first.size >= 4 && memcmp(first.bytes, "GGUF", 4) == 0)
		return MODEL_GGUF;
	if (is_safetensors(first))
		return MODEL_SAFETENSORS;
	if (view_starts_with(first, view_text("\xef\xbb\xbf")))
		first = view_skip(first, 3);
	first = view_trim(first);
	return first.size && first.bytes[0] == '{' ? MODEL_JSON : MODEL_NONE;
}

static int ignore_field(void *context, const char *kind, struct view value)
{
	(void)context;
	(void)kind;
	(void)value;
	return OK;
}

bool model_head_goes_on(struct view head)
{
	return model_head_read(head, ignore_field, NULL) == ERR_TRUNCATED;
}

int model_head_read(struct view head, model_head_field *on_field, void *context)
{
	struct reading r = {.on_field = on_field, .context = context};
	switch (model_head_form(head)) {
	case MODEL_GGUF: return read_gguf(&r, head);
	case MODEL_SAFETENSORS: return read_safetensors(&r, head);
	case MODEL_JSON: return model_json_read(head, on_field, context);
	default: return ERR_INVALID;
	}
}
