/* Any bytes in any blocks end the same way, levels balance, and texts keep to their maximum. */
#include "tests/fuzz/check.h"
#include "wire/json_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct seen {
	uint64_t events, bytes;
	int depth;
};

static int on_event(void *context, enum json_event event, struct view text)
{
	struct seen *s = context;
	s->events++;
	s->bytes = s->bytes * 31 + text.size + (unsigned)event;
	s->depth += event == JSON_OBJECT_BEGIN || event == JSON_ARRAY_BEGIN;
	s->depth -= event == JSON_OBJECT_END || event == JSON_ARRAY_END;
	CHECK(s->depth >= 0 && s->depth <= JSON_STREAM_DEPTH_MAX);
	CHECK(text.size <= JSON_STREAM_TEXT_MAX);
	return OK;
}

static int read_in(struct view json, size_t block, struct seen *seen)
{
	static struct json_stream s;
	int code = OK;
	*seen = (struct seen){0};
	json_stream_begin(&s, on_event, seen);
	while (code == OK && json.size) {
		size_t size = json.size < block ? json.size : block;
		code = json_stream_feed(&s, view_of(json.bytes, size));
		json = view_skip(json, size);
	}
	return code == OK ? json_stream_end(&s) : code;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct seen whole, parts;
	int r = read_in(view_of(bytes, size), size + 1, &whole);
	CHECK(read_in(view_of(bytes, size), 1 + size % 7, &parts) == r);
	CHECK(whole.events == parts.events && whole.bytes == parts.bytes);
	CHECK(r != OK || whole.depth == 0);
	return 0;
}
