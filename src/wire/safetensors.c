#include "wire/safetensors.h"

#include "base/utf8.h"
#include "base/writer.h"

enum { LENGTH_SIZE = 8 };

/* At the end of the bytes: more may come, or the header should not have ended here. */
static int at_end(const struct safetensors *s)
{
	return s->header.size < s->header_size ? ERR_TRUNCATED : ERR_MALFORMED;
}

int safetensors_open(struct view file, struct safetensors *ret)
{
	if (file.size < LENGTH_SIZE)
		return ERR_TRUNCATED;
	uint64_t size = 0;
	for (int i = LENGTH_SIZE - 1; i >= 0; i--)
		size = size << 8 | file.bytes[i];
	if (size > SAFETENSORS_HEADER_SIZE_MAX)
		return ERR_LIMIT;
	struct view header = view_skip(file, LENGTH_SIZE);
	if (header.size > size)
		header.size = (size_t)size;
	/* the format wants it first, without space before it; it also tells other files apart early */
	if (size < 2 || (header.size && header.bytes[0] != '{'))
		return ERR_MALFORMED;
	*ret = (struct safetensors){.header_size = size, .header = header};
	return OK;
}

static void skip_space(struct safetensors *s)
{
	while (s->at < s->header.size && strchr(" \t\r\n", s->header.bytes[s->at]) &&
	       s->header.bytes[s->at])
		s->at++;
}

/* The next byte that is no space, left where it is. */
static int peek(struct safetensors *s)
{
	skip_space(s);
	return s->at < s->header.size ? s->header.bytes[s->at] : at_end(s);
}

static int expect(struct safetensors *s, uint8_t c)
{
	int next = peek(s);
	if (next < 0)
		return next;
	if (next != c)
		return ERR_MALFORMED;
	s->at++;
	return OK;
}

/* A string, without its quotes. */
static int take_string(struct safetensors *s, struct view *ret)
{
	int r = expect(s, '"');
	if (r < 0)
		return r;
	size_t begin = s->at;
	for (; s->at < s->header.size; s->at++) {
		uint8_t c = s->header.bytes[s->at];
		if (c == '"') {
			*ret = view_of(s->header.bytes + begin, s->at++ - begin);
			return OK;
		}
		if (c < ' ')
			return ERR_MALFORMED;
		if (c == '\\')
			s->at++;
	}
	s->at = s->header.size;
	return at_end(s);
}

/* An object: passes over it by its brackets and strings. */
static int take_object(struct safetensors *s, struct view *ret)
{
	if (peek(s) != '{')
		return peek(s) < 0 ? peek(s) : ERR_MALFORMED;
	size_t begin = s->at, depth = 0;
	while (s->at < s->header.size) {
		uint8_t c = s->header.bytes[s->at];
		if (c == '"') {
			struct view text;
			int r = take_string(s, &text);
			if (r < 0)
				return r;
			continue;
		}
		s->at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0) {
			*ret = view_of(s->header.bytes + begin, s->at - begin);
			return OK;
		}
	}
	return at_end(s);
}

/* After the last member only spaces fill the header up. */
static int finish(struct safetensors *s)
{
	skip_space(s);
	s->has_ended = true;
	if (s->at < s->header.size)
		return ERR_MALFORMED;
	return OK;
}

/* Moves to the next member of the open object: 1, or 0 when the object closes here. */
static int next_member(struct safetensors *s, struct view *ret_key)
{
	int c = peek(s);
	if (c < 0)
		return c;
	if (c == '}') {
		s->at++;
		s->needs_comma = true;
		return 0;
	}
	int r = s->needs_comma ? expect(s, ',') : OK;
	if (r == OK)
		r = take_string(s, ret_key);
	if (r == OK)
		r = expect(s, ':');
	return r < 0 ? r : 1;
}

static int next_item(struct safetensors *s, struct safetensors_item *ret)
{
	struct safetensors_item item = {0};
	int r = s->has_begun ? OK : expect(s, '{');
	if (r < 0)
		return r;
	s->has_begun = true;
	for (;;) {
		r = next_member(s, &item.key);
		if (r == 0 && s->is_in_metadata) {
			s->is_in_metadata = false;
			continue;
		}
		if (r <= 0)
			return r < 0 ? r : finish(s);
		if (s->is_in_metadata || !safetensors_is(item.key, "__metadata__"))
			break;
		r = expect(s, '{');
		if (r < 0)
			return r;
		s->is_in_metadata = true;
		s->needs_comma = false;
	}
	item.kind = s->is_in_metadata ? SAFETENSORS_METADATA : SAFETENSORS_TENSOR;
	r = s->is_in_metadata ? take_string(s, &item.value) : take_object(s, &item.value);
	if (r < 0)
		return r;
	s->needs_comma = true;
	*ret = item;
	return 1;
}

int safetensors_next(struct safetensors *s, struct safetensors_item *ret)
{
	if (s->error || s->has_ended)
		return s->error;
	int r = next_item(s, ret);
	if (r < 0)
		s->error = r;
	return r;
}

static int take_hex(struct view *text, uint32_t *ret)
{
	uint32_t value = 0;
	if (text->size < 4)
		return ERR_MALFORMED;
	for (int i = 0; i < 4; i++) {
		uint8_t c = text->bytes[i], low = c | 0x20;
		if (c >= '0' && c <= '9')
			value = value << 4 | (uint32_t)(c - '0');
		else if (low >= 'a' && low <= 'f')
			value = value << 4 | (uint32_t)(low - 'a' + 10);
		else
			return ERR_MALFORMED;
	}
	*text = view_skip(*text, 4);
	*ret = value;
	return OK;
}

/* What follows `\u`: one character, or the two halves of one. */
static int take_unicode(struct view *text, uint32_t *ret)
{
	int r = take_hex(text, ret);
	if (r < 0 || *ret < 0xd800 || *ret > 0xdfff)
		return r;
	struct view rest = view_skip(*text, 2);
	uint32_t low = 0;
	bool is_pair = *ret < 0xdc00 && view_starts_with(*text, view_text("\\u")) &&
	               take_hex(&rest, &low) == OK && low >= 0xdc00 && low <= 0xdfff;
	if (is_pair)
		*text = rest;
	*ret = is_pair ? 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
	return OK;
}

static void write_character(struct writer *w, uint32_t code)
{
	uint8_t bytes[UTF8_SIZE_MAX];
	write_bytes(w, bytes, utf8_write(code, bytes));
}

static int unescape_one(struct view *text, struct writer *w)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (text->size == 0)
		return ERR_MALFORMED;
	uint8_t c = text->bytes[0];
	*text = view_skip(*text, 1);
	if (c == 'u') {
		uint32_t character;
		int r = take_unicode(text, &character);
		if (r == OK)
			write_character(w, character);
		return r;
	}
	const char *found = c ? strchr(from, c) : NULL;
	if (!found)
		return ERR_MALFORMED;
	write_u8(w, (uint8_t)to[found - from]);
	return OK;
}

int safetensors_unescape(struct view text, uint8_t *room, size_t room_size)
{
	struct writer w = writer_open(room, room_size);
	while (text.size) {
		uint8_t c = text.bytes[0];
		text = view_skip(text, 1);
		int r = OK;
		if (c == '\\')
			r = unescape_one(&text, &w);
		else
			write_u8(&w, c);
		if (r < 0)
			return r;
	}
	return w.failed ? ERR_LIMIT : (int)writer_size(&w);
}

bool safetensors_is(struct view text, const char *what)
{
	uint8_t room[SAFETENSORS_WORD_MAX];
	if (text.size == 0 || !memchr(text.bytes, '\\', text.size))
		return view_is(text, what);
	int size = safetensors_unescape(text, room, sizeof(room));
	return size >= 0 && view_is(view_of(room, (size_t)size), what);
}
