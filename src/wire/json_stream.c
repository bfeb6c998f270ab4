#include "wire/json_stream.h"

#include "base/utf8.h"

static int expect_value(struct json_stream *s, uint8_t c);
static int expect_value_or_end(struct json_stream *s, uint8_t c);
static int expect_key(struct json_stream *s, uint8_t c);
static int expect_key_or_end(struct json_stream *s, uint8_t c);
static int expect_colon(struct json_stream *s, uint8_t c);
static int expect_more(struct json_stream *s, uint8_t c);
static int in_text(struct json_stream *s, uint8_t c);
static int in_escape(struct json_stream *s, uint8_t c);
static int in_code(struct json_stream *s, uint8_t c);
static int in_literal(struct json_stream *s, uint8_t c);

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static int tell(struct json_stream *s, enum json_event event)
{
	return s->on(s->context, event, view_of(s->text, s->size));
}

static void add(struct json_stream *s, uint8_t c)
{
	if (s->size < JSON_STREAM_TEXT_MAX)
		s->text[s->size++] = c;
}

/* A whole character or nothing. */
static void add_code(struct json_stream *s, uint32_t code)
{
	uint8_t bytes[UTF8_SIZE_MAX];
	size_t size = utf8_write(code, bytes);
	if (size > JSON_STREAM_TEXT_MAX - s->size)
		return;
	memcpy(s->text + s->size, bytes, size);
	s->size += size;
}

static void flush_surrogate(struct json_stream *s)
{
	if (s->high)
		add_code(s, 0xfffd);
	s->high = 0;
}

static void after_value(struct json_stream *s)
{
	s->state = s->depth ? expect_more : expect_value;
}

static int open_level(struct json_stream *s, bool is_object)
{
	if (s->depth == JSON_STREAM_DEPTH_MAX)
		return ERR_LIMIT;
	s->is_object[s->depth++] = is_object;
	s->state = is_object ? expect_key_or_end : expect_value_or_end;
	s->size = 0;
	return tell(s, is_object ? JSON_OBJECT_BEGIN : JSON_ARRAY_BEGIN);
}

static int close_level(struct json_stream *s, uint8_t c)
{
	if (s->depth == 0 || (c == '}') != (s->is_object[s->depth - 1] != 0))
		return ERR_MALFORMED;
	s->depth--;
	after_value(s);
	s->size = 0;
	return tell(s, c == '}' ? JSON_OBJECT_END : JSON_ARRAY_END);
}

static int begin_text(struct json_stream *s, bool is_key)
{
	s->is_key = is_key;
	s->size = 0;
	s->high = 0;
	s->state = in_text;
	return OK;
}

static int expect_value(struct json_stream *s, uint8_t c)
{
	if (is_space(c))
		return OK;
	if (c == '{' || c == '[')
		return open_level(s, c == '{');
	if (c == '"')
		return begin_text(s, false);
	if (c != '-' && (c < '0' || c > '9') && c != 't' && c != 'f' && c != 'n')
		return ERR_MALFORMED;
	s->size = 0;
	s->state = in_literal;
	add(s, c);
	return OK;
}

static int expect_value_or_end(struct json_stream *s, uint8_t c)
{
	return c == ']' ? close_level(s, c) : expect_value(s, c);
}

static int expect_key(struct json_stream *s, uint8_t c)
{
	if (is_space(c))
		return OK;
	return c == '"' ? begin_text(s, true) : ERR_MALFORMED;
}

static int expect_key_or_end(struct json_stream *s, uint8_t c)
{
	return c == '}' ? close_level(s, c) : expect_key(s, c);
}

static int expect_colon(struct json_stream *s, uint8_t c)
{
	if (is_space(c))
		return OK;
	s->state = expect_value;
	return c == ':' ? OK : ERR_MALFORMED;
}

static int expect_more(struct json_stream *s, uint8_t c)
{
	if (is_space(c))
		return OK;
	if (c != ',')
		return c == '}' || c == ']' ? close_level(s, c) : ERR_MALFORMED;
	s->state = s->is_object[s->depth - 1] ? expect_key : expect_value;
	return OK;
}

static int end_text(struct json_stream *s)
{
	flush_surrogate(s);
	if (s->is_key)
		s->state = expect_colon;
	else
		after_value(s);
	return tell(s, s->is_key ? JSON_KEY : JSON_TEXT);
}

static int in_text(struct json_stream *s, uint8_t c)
{
	if (c == '\\') {
		s->state = in_escape;
		return OK;
	}
	if (c == '"')
		return end_text(s);
	flush_surrogate(s);
	add(s, c);
	return c < 0x20 ? ERR_MALFORMED : OK;
}

static int in_escape(struct json_stream *s, uint8_t c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	s->state = in_text;
	if (c == 'u') {
		s->state = in_code;
		s->code = 0;
		s->digits = 0;
		return OK;
	}
	flush_surrogate(s);
	const char *at = c ? strchr(from, c) : NULL;
	if (!at)
		return ERR_MALFORMED;
	add(s, (uint8_t)to[at - from]);
	return OK;
}

static void end_code(struct json_stream *s)
{
	bool is_low = s->code >= 0xdc00 && s->code < 0xe000;
	if (is_low && s->high) {
		add_code(s, 0x10000 + ((s->high - 0xd800) << 10) + (s->code - 0xdc00));
		s->high = 0;
		return;
	}
	flush_surrogate(s);
	if (s->code >= 0xd800 && s->code < 0xdc00)
		s->high = s->code;
	else
		add_code(s, is_low ? 0xfffd : s->code);
}

static int in_code(struct json_stream *s, uint8_t c)
{
	unsigned digit = c >= '0' && c <= '9'   ? (unsigned)c - '0'
	                 : c >= 'a' && c <= 'f' ? (unsigned)c - 'a' + 10
	                 : c >= 'A' && c <= 'F' ? (unsigned)c - 'A' + 10
	                                        : 16;
	if (digit == 16)
		return ERR_MALFORMED;
	s->code = s->code << 4 | digit;
	if (++s->digits < 4)
		return OK;
	s->state = in_text;
	end_code(s);
	return OK;
}

static int in_literal(struct json_stream *s, uint8_t c)
{
	if (!is_space(c) && c != ',' && c != '}' && c != ']') {
		add(s, c);
		bool is_part = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '+' ||
		               c == '-' || c == '.' || c == 'E';
		return is_part ? OK : ERR_MALFORMED;
	}
	after_value(s);
	int r = tell(s, JSON_LITERAL);
	if (r < 0 || is_space(c))
		return r;
	return s->depth ? expect_more(s, c) : ERR_MALFORMED;
}

void json_stream_begin(struct json_stream *s, json_stream_on *on, void *context)
{
	s->on = on;
	s->context = context;
	json_stream_reset(s);
}

void json_stream_reset(struct json_stream *s)
{
	s->state = expect_value;
	s->depth = 0;
	s->error = OK;
	s->size = 0;
	s->high = 0;
}

/* How many bytes of a text are nothing but themselves; they are taken at once. */
static size_t take_plain(struct json_stream *s, struct view v)
{
	size_t size = 0;
	while (size < v.size && v.bytes[size] >= 0x20 && v.bytes[size] != '"' &&
	       v.bytes[size] != '\\')
		size++;
	if (size)
		flush_surrogate(s);
	size_t room = JSON_STREAM_TEXT_MAX - s->size, kept = size < room ? size : room;
	if (kept)
		memcpy(s->text + s->size, v.bytes, kept);
	s->size += kept;
	return size;
}

int json_stream_feed(struct json_stream *s, struct view block)
{
	size_t at = 0;
	while (s->error == OK && at < block.size) {
		if (s->state == in_text)
			at += take_plain(s, view_skip(block, at));
		if (at == block.size)
			break;
		int r = s->state(s, block.bytes[at++]);
		s->error = r < 0 ? r : OK;
	}
	return s->error;
}

int json_stream_end(struct json_stream *s)
{
	if (s->error == OK && s->depth == 0 && s->state == in_literal) {
		s->state = expect_value;
		int r = tell(s, JSON_LITERAL);
		s->error = r < 0 ? r : OK;
	}
	if (s->error == OK && (s->depth || s->state != expect_value))
		return ERR_TRUNCATED;
	return s->error;
}
