#include "base/json_writer.h"

#include <assert.h>
#include <string.h>

#include "base/timestamp.h"
#include "base/utf8.h"

/* Bytes that stand for themselves. */
static size_t plain_size(struct view v)
{
	size_t size = 0;
	while (size < v.size && v.bytes[size] >= 0x20 && v.bytes[size] < 0x80 &&
	       v.bytes[size] != '"' && v.bytes[size] != '\\')
		size++;
	return size;
}

static void write_escaped(struct buffer *out, struct view v)
{
	static const char shorts[32] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
	buffer_add(out, "\"", 1);
	while (v.size) {
		uint8_t c = v.bytes[0];
		size_t plain = plain_size(v), size = plain ? plain : utf8_size(v);
		if (plain)
			buffer_add(out, v.bytes, plain);
		else if (size == 0)
			buffer_add_text(out, "\xef\xbf\xbd");
		else if (c == '"' || c == '\\')
			buffer_printf(out, "\\%c", c);
		else if (c < 0x20 && shorts[c])
			buffer_printf(out, "\\%c", shorts[c]);
		else if (c < 0x20)
			buffer_printf(out, "\\u%04x", c);
		else
			buffer_add(out, v.bytes, size);
		v = view_skip(v, size ? size : 1);
	}
	buffer_add(out, "\"", 1);
}

static void begin_value(struct json_writer *j, const char *key)
{
	if (j->has_member[j->depth])
		buffer_add(j->out, ",", 1);
	j->has_member[j->depth] = true;
	if (!key)
		return;
	if (j->canonical) {
		assert(!j->last_key[j->depth] || strcmp(j->last_key[j->depth], key) < 0);
		j->last_key[j->depth] = key;
	}
	write_escaped(j->out, view_text(key));
	buffer_add(j->out, ":", 1);
}

static void open_scope(struct json_writer *j, const char *key, const char *bracket)
{
	begin_value(j, key);
	buffer_add(j->out, bracket, 1);
	assert(j->depth < JSON_DEPTH_MAX);
	j->depth++;
	j->has_member[j->depth] = false;
	j->last_key[j->depth] = NULL;
}

static void close_scope(struct json_writer *j, const char *bracket)
{
	assert(j->depth > 0);
	j->depth--;
	buffer_add(j->out, bracket, 1);
}

void json_object_begin(struct json_writer *j, const char *key)
{
	open_scope(j, key, "{");
}

void json_object_end(struct json_writer *j)
{
	close_scope(j, "}");
}

void json_array_begin(struct json_writer *j, const char *key)
{
	open_scope(j, key, "[");
}

void json_array_end(struct json_writer *j)
{
	close_scope(j, "]");
}

void json_view(struct json_writer *j, const char *key, struct view value)
{
	begin_value(j, key);
	write_escaped(j->out, value);
}

void json_text(struct json_writer *j, const char *key, const char *value)
{
	if (value)
		json_view(j, key, view_text(value));
	else
		json_no_value(j, key);
}

void json_optional(struct json_writer *j, const char *key, struct view value)
{
	if (value.size)
		json_view(j, key, value);
	else
		json_no_value(j, key);
}

void json_int(struct json_writer *j, const char *key, int64_t value)
{
	begin_value(j, key);
	if (value < 0)
		buffer_add(j->out, "-", 1);
	buffer_add_number(j->out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_bool(struct json_writer *j, const char *key, bool value)
{
	begin_value(j, key);
	buffer_add_text(j->out, value ? "true" : "false");
}

void json_raw(struct json_writer *j, const char *key, struct view json)
{
	assert(!j->canonical);
	begin_value(j, key);
	buffer_add_view(j->out, json);
}

void json_no_value(struct json_writer *j, const char *key)
{
	begin_value(j, key);
	buffer_add_text(j->out, "null");
}

void json_decimal(struct json_writer *j, const char *key, double value)
{
	assert(!j->canonical);
	begin_value(j, key);
	buffer_printf(j->out, "%.6f", value);
}

void json_time(struct json_writer *j, const char *key, int64_t at_us)
{
	char text[TIMESTAMP_TEXT_SIZE];
	if (at_us == TIME_MIN || at_us == TIME_MAX)
		json_no_value(j, key);
	else
		json_text(j, key, timestamp_print(at_us, text));
}
