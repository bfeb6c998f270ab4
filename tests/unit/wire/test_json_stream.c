#include <stdlib.h>

#include "base/buffer.h"
#include "tests/test.h"
#include "wire/json_stream.h"

/* Events as one text: {k:"key" t:"text" l:1 } */
static int write_event(void *context, enum json_event event, struct view text)
{
	static const char *const begins[] = {"{", "}", "[", "]", "k:", "t:", "l:"};
	struct buffer *out = context;
	buffer_add_text(out, begins[event]);
	buffer_add_view(out, text);
	buffer_add_text(out, " ");
	return OK;
}

static int read_in_blocks(struct view json, size_t size, struct buffer *out)
{
	struct json_stream *s = malloc(sizeof(*s));
	assert_non_null(s);
	json_stream_begin(s, write_event, out);
	int code = OK;
	for (size_t at = 0; code == OK && at < json.size; at += size) {
		struct view rest = view_skip(json, at);
		code = json_stream_feed(s,
		                        view_of(rest.bytes, rest.size < size ? rest.size : size));
	}
	if (code == OK)
		code = json_stream_end(s);
	free(s);
	return code;
}

static void expect(const char *json, int code, const char *events)
{
	for (size_t size = 1; size < strlen(json) + 2; size++) {
		struct buffer out = {0};
		assert_int_equal(read_in_blocks(view_text(json), size, &out), code);
		buffer_add(&out, "", 1);
		if (events)
			assert_string_equal((const char *)out.bytes, events);
		buffer_done(&out);
	}
}

static void blocks_of_any_size_give_the_same_events(void **state)
{
	(void)state;
	expect("{\"a\": [1, \"x\", {}], \"b\":null} [true]", OK,
	       "{ k:a [ l:1 t:x { } ] k:b l:null } [ l:true ] ");
}

static void escapes_are_undone(void **state)
{
	(void)state;
	expect("[\"\\u00e9\\n\\\"\\/\", \"\\ud83d\\ude00\", \"\\ud83dx\", \"\\ude00\"]", OK,
	       "[ t:\xc3\xa9\n\"/ t:\xf0\x9f\x98\x80 t:\xef\xbf\xbdx t:\xef\xbf\xbd ] ");
}

static void what_breaks_the_format_is_malformed(void **state)
{
	static const char *const broken[] = {"{]",    "[}",           "{\"a\" 1}",     "[1,,2]",
	                                     "{a:1}", "[\"\\x\"]",    "[\"\\u12g4\"]", "]",
	                                     "[1}",   "nothing here", "[\"\n\"]"};
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		expect(broken[i], ERR_MALFORMED, NULL);
}

static void every_prefix_is_truncated(void **state)
{
	static const char json[] = "{\"a\":[\"b\",{\"c\":12}]}";
	(void)state;
	for (size_t size = 1; size < strlen(json); size++) {
		struct buffer out = {0};
		assert_int_equal(read_in_blocks(view_of(json, size), 3, &out), ERR_TRUNCATED);
		buffer_done(&out);
	}
}

static void depth_and_texts_are_bounded(void **state)
{
	struct buffer json = {0}, out = {0};
	(void)state;
	for (int i = 0; i < JSON_STREAM_DEPTH_MAX + 1; i++)
		buffer_add_text(&json, "[");
	assert_int_equal(read_in_blocks(buffer_view(&json), 7, &out), ERR_LIMIT);
	json.size = out.size = 0;
	buffer_add_text(&json, "\"");
	for (int i = 0; i < 3 * JSON_STREAM_TEXT_MAX; i++)
		buffer_add_text(&json, "x");
	buffer_add_text(&json, "\"");
	assert_int_equal(read_in_blocks(buffer_view(&json), 1000, &out), OK);
	assert_int_equal(out.size, JSON_STREAM_TEXT_MAX + 3);
	buffer_done(&json);
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_any_size_give_the_same_events),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(what_breaks_the_format_is_malformed),
		cmocka_unit_test(every_prefix_is_truncated),
		cmocka_unit_test(depth_and_texts_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
