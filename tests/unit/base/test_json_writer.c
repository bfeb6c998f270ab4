#include "base/json_writer.h"
#include "tests/test.h"

static void writes_canonical_json(void **state)
{
	(void)state;
	struct buffer out = {0};
	struct json_writer j = {.out = &out, .canonical = true};
	json_object_begin(&j, NULL);
	json_array_begin(&j, "a");
	json_int(&j, NULL, -5);
	json_bool(&j, NULL, true);
	json_no_value(&j, NULL);
	json_optional(&j, NULL, view_text(""));
	json_optional(&j, NULL, view_text("x"));
	json_array_end(&j);
	json_text(&j, "b", "\b\t\n\f\r\"\\\x01\x7f/\xe4\xb8\xad");
	json_object_begin(&j, "c");
	json_object_end(&j);
	json_object_end(&j);
	static const char expect[] =
		"{\"a\":[-5,true,null,null,\"x\"],\"b\":\"\\b\\t\\n\\f\\r\\\"\\\\\\u0001\x7f/"
		"\xe4\xb8\xad\",\"c\":{}}";
	assert_int_equal(out.size, strlen(expect));
	assert_memory_equal(out.bytes, expect, out.size);
	buffer_done(&out);
}

static void replaces_bytes_that_are_no_utf8(void **state)
{
	(void)state;
	struct buffer out = {0};
	struct json_writer j = {.out = &out};
	json_text(&j, NULL, "a\xff\xc3(\xed\xa0\x80");
	static const char expect[] =
		"\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"";
	assert_int_equal(out.size, strlen(expect));
	assert_memory_equal(out.bytes, expect, out.size);
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_canonical_json),
		cmocka_unit_test(replaces_bytes_that_are_no_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
