#include "wire/gguf.h"

#include "base/reader.h"

enum { ENTRIES_MAX = 65536, KEY_SIZE_MAX = 65535, DEPTH_MAX = 4 };

static const char *const keys[GGUF_KEYS] = {
	[GGUF_ARCHITECTURE] = "general.architecture",
	[GGUF_NAME] = "general.name",
	[GGUF_BASENAME] = "general.basename",
	[GGUF_FINETUNE] = "general.finetune",
	[GGUF_ORGANIZATION] = "general.organization",
	[GGUF_REPO_URL] = "general.repo_url",
	[GGUF_BASE_NAME] = "general.base_model.0.name",
	[GGUF_BASE_ORGANIZATION] = "general.base_model.0.organization",
	[GGUF_BASE_REPO_URL] = "general.base_model.0.repo_url",
	[GGUF_TOKENIZER_MODEL] = "tokenizer.ggml.model",
	[GGUF_TOKENIZER_PRE] = "tokenizer.ggml.pre",
	[GGUF_CHAT_TEMPLATE] = "tokenizer.chat_template",
	[GGUF_PROJECTOR] = "clip.projector_type",
};

enum { TYPE_STRING = 8, TYPE_ARRAY = 9 };

/* bytes a value of each type takes; 0: it says so itself */
static const uint8_t type_sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

struct input {
	struct reader reader;
	bool is_big_endian;
	uint8_t length_size; /* of lengths and counts: 4 in version 1, 8 since */
};

static uint64_t take_uint(struct input *in, size_t size)
{
	uint64_t value = read_uint(&in->reader, size);
	if (in->is_big_endian)
		return value;
	return __builtin_bswap64(value) >> (64 - 8 * size);
}

static uint64_t take_length(struct input *in)
{
	return take_uint(in, in->length_size);
}

static struct view take_string(struct input *in)
{
	uint64_t size = take_length(in);
	if (size > SIZE_MAX / 2)
		in->reader.failed = true;
	return read_view(&in->reader, (size_t)size);
}

static int skip_array(struct input *in, unsigned depth);

/* Passes over a value that is no string of the entry itself. */
static int skip_value(struct input *in, uint64_t type, unsigned depth)
{
	if (type >= sizeof(type_sizes))
		return ERR_MALFORMED;
	if (type == TYPE_ARRAY)
		return skip_array(in, depth + 1);
	if (type == TYPE_STRING)
		(void)take_string(in);
	else
		(void)read_bytes(&in->reader, type_sizes[type]);
	return OK;
}

static int skip_array(struct input *in, unsigned depth)
{
	if (depth > DEPTH_MAX)
		return ERR_LIMIT;
	uint64_t type = take_uint(in, 4), count = take_length(in);
	if (in->reader.failed)
		return OK;
	if (type >= sizeof(type_sizes))
		return ERR_MALFORMED;
	if (type_sizes[type]) {
		bool fits = count <= reader_left(&in->reader) / type_sizes[type];
		(void)read_bytes(&in->reader, fits ? (size_t)count * type_sizes[type] : SIZE_MAX);
		return OK;
	}
	/* every element takes bytes, so the loop ends with them */
	for (uint64_t i = 0; i < count && !in->reader.failed; i++) {
		int r = skip_value(in, type, depth);
		if (r < 0)
			return r;
	}
	return OK;
}

static void keep_value(struct gguf *gguf, struct view key, struct view value)
{
	for (int i = 0; i < GGUF_KEYS; i++) {
		if (gguf->values[i].size == 0 && view_is(key, keys[i]))
			gguf->values[i] = value;
	}
}

static int read_entry(struct input *in, struct gguf *gguf)
{
	uint64_t key_size = take_length(in);
	if (key_size > KEY_SIZE_MAX)
		return ERR_MALFORMED;
	struct view key = read_view(&in->reader, (size_t)key_size);
	uint64_t type = take_uint(in, 4);
	if (in->reader.failed)
		return ERR_TRUNCATED;
	struct view text = {0};
	int r = OK;
	if (type == TYPE_STRING)
		text = take_string(in);
	else
		r = skip_value(in, type, 0);
	if (r < 0)
		return r;
	if (in->reader.failed)
		return ERR_TRUNCATED;
	keep_value(gguf, key, text);
	return OK;
}

/* Magic and version; a version that makes sense only when turned round tells the byte order. */
static int read_preamble(struct input *in, struct gguf *gguf)
{
	static const struct view magic = {(const uint8_t *)"GGUF", 4};
	struct view found = view_of(in->reader.at, reader_left(&in->reader));
	if (found.size > magic.size)
		found.size = magic.size;
	if (!view_starts_with(magic, found))
		return ERR_MALFORMED;
	(void)read_bytes(&in->reader, magic.size);
	uint32_t version = read_u32(&in->reader);
	if (in->reader.failed)
		return ERR_TRUNCATED;
	in->is_big_endian = version <= UINT16_MAX;
	gguf->is_big_endian = in->is_big_endian;
	gguf->version = in->is_big_endian ? version : __builtin_bswap32(version);
	if (gguf->version < 1 || gguf->version > 3)
		return ERR_VERSION;
	in->length_size = gguf->version == 1 ? 4 : 8;
	return OK;
}

int gguf_parse(struct view file, struct gguf *ret)
{
	*ret = (struct gguf){0};
	struct input in = {.reader = reader_open(file.bytes, file.size)};
	int r = read_preamble(&in, ret);
	if (r < 0)
		return r;
	uint64_t tensors = take_length(&in), entries = take_length(&in);
	if (in.reader.failed)
		return ERR_TRUNCATED;
	ret->tensors = tensors;
	ret->entries = entries;
	if (entries > ENTRIES_MAX)
		return ERR_LIMIT;
	for (; ret->entries_read < entries; ret->entries_read++) {
		r = read_entry(&in, ret);
		if (r < 0)
			return r;
	}
	return OK;
}
