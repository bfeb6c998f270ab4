#include "policy/list_url.h"
#include "tests/test.h"

static int check(const char *url, bool is_pinned)
{
	const char *expected = NULL;
	int code = list_url_check(url, is_pinned, &expected);
	assert_non_null(expected);
	return code;
}

static void https_is_taken_from_anywhere(void **state)
{
	(void)state;
	static const char *const urls[] = {
		"https://lists.example",           "https://lists.example/",
		"https://lists.example:8443/a/b",  "https://192.0.2.1/list.txt?x=1&y=%20",
		"https://[2001:db8::1]:443/a.txt", "https://lists.example?x",
	};
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		assert_int_equal(check(urls[i], false), OK);
}

static void http_is_taken_from_this_machine_or_under_a_pin(void **state)
{
	(void)state;
	static const char *const here[] = {"http://127.0.0.1/a", "http://127.8.9.1:80/a",
	                                   "http://[::1]:8080/a", "http://LocalHost/a"};
	static const char *const there[] = {
		"http://lists.example/a",     "http://192.0.2.1/a",    "http://127.0.0.1.example/a",
		"http://localhost.example/a", "http://[2001:db8::1]/", "http://128.0.0.1/",
	};
	for (size_t i = 0; i < sizeof(here) / sizeof(*here); i++)
		assert_int_equal(check(here[i], false), OK);
	for (size_t i = 0; i < sizeof(there) / sizeof(*there); i++) {
		assert_int_equal(check(there[i], false), ERR_INVALID);
		assert_int_equal(check(there[i], true), OK);
	}
}

static void what_two_readers_could_take_differently_is_refused(void **state)
{
	(void)state;
	static const char *const urls[] = {
		"",
		"https:",
		"https://",
		"https:///path",
		"HTTPS://lists.example/",
		"ftp://lists.example/",
		"file:///etc/passwd",
		"lists.example",
		"https://user:secret@lists.example/",
		"http://127.0.0.1@lists.example/",
		"http://127.0.0.1:80@lists.example/",
		"http://127.0.0.1\\@lists.example/",
		"https://lists.example:0/",
		"https://lists.example:65536/",
		"https://lists.example:/",
		"https://lists.example:4x/",
		"https://lists.example/a b",
		"https://lists.example/a\n",
		"https://lists.example/#part",
		"https://lists.exampl\xc3\xa9/",
		"https://[::1/",
		"https://[]/",
		"https://[::1]x/",
	};
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		assert_int_equal(check(urls[i], true), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(https_is_taken_from_anywhere),
		cmocka_unit_test(http_is_taken_from_this_machine_or_under_a_pin),
		cmocka_unit_test(what_two_readers_could_take_differently_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
