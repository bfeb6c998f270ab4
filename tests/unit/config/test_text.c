#include <stdlib.h>

#include "config/text.h"
#include "tests/test.h"

static void assert_yaml(const char *text, const char *expected)
{
	struct buffer out = {0};
	text_print_yaml(view_text(text), false, &out);
	char *got = buffer_take(&out);
	assert_string_equal(got, expected);
	free(got);
}

static void only_a_text_that_no_reader_mistakes_is_plain(void **state)
{
	(void)state;
	static const char *const plain[] = {"text", "/etc/x", "a:b", "it's", "a#b", "行政院"};
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		assert_yaml(plain[i], plain[i]);
	static const char *const quoted[][2] = {
		{"", "\"\""},
		{"No", "\"No\""},
		{"null", "\"null\""},
		{"12", "\"12\""},
		{"a: b", "\"a: b\""},
		{"a #b", "\"a #b\""},
		{"a:", "\"a:\""},
		{"a ", "\"a \""},
		{"- a", "\"- a\""},
		{"[a]", "\"[a]\""},
		{"a\nb", "\"a\\nb\""},
		{"\"\\", "\"\\\"\\\\\""},
		{"a\xc2\x85", "\"a\\u0085\""},
	};
	for (size_t i = 0; i < sizeof(quoted) / sizeof(*quoted); i++)
		assert_yaml(quoted[i][0], quoted[i][1]);
}

static void a_quote_is_short_and_harmless(void **state)
{
	(void)state;
	char quoted[TEXT_QUOTE_SIZE], longer[200] = {0};
	assert_string_equal(text_quote(view_text("a\x1b[31m"), quoted), "\"a?[31m\"");
	assert_string_equal(text_quote(view_text("\xff"), quoted), "\"\xef\xbf\xbd\"");
	for (size_t i = 0; i < sizeof(longer) - 3; i += 3)
		memcpy(longer + i, "\xe4\xb8\xad", 3);
	text_quote(view_text(longer), quoted);
	assert_true(strlen(quoted) < TEXT_QUOTE_SIZE);
	assert_string_equal(quoted + strlen(quoted) - 7, "\xe4\xb8\xad...\"");
}

static void the_nearest_word_is_meant(void **state)
{
	(void)state;
	static const char *const words[] = {"enforce", "observe", "on", "web"};
	static const char *const cases[][2] = {{"enfroce", " (did you mean \"enforce\"?)"},
	                                       {"obserb", " (did you mean \"observe\"?)"},
	                                       {"wb", " (did you mean \"web\"?)"},
	                                       {"no", ""},
	                                       {"somewhere", ""}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buffer out = {0};
		text_print_near(view_text(cases[i][0]), words, 4, &out);
		char *got = buffer_take(&out);
		assert_string_equal(got, cases[i][1]);
		free(got);
	}
	assert_int_equal(text_distance(view_text("kitten"), view_text("sitting"), 5), 3);
	assert_int_equal(text_distance(view_text("kitten"), view_text("sitting"), 2), 3);
}

static void text_of_a_manual_is_a_sentence_a_line_and_no_request(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"One. Two, e.g.three.", "One.\nTwo, e.g.three.\n"},
		{"See. .Dd", "See.\n\\&.Dd\n"},
		{"'quoted' a\\b", "\\&'quoted' a\\eb\n"},
		{"", "\n"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buffer out = {0};
		text_print_mdoc(cases[i][0], &out);
		char *got = buffer_take(&out);
		assert_string_equal(got, cases[i][1]);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_text_that_no_reader_mistakes_is_plain),
		cmocka_unit_test(a_quote_is_short_and_harmless),
		cmocka_unit_test(the_nearest_word_is_meant),
		cmocka_unit_test(text_of_a_manual_is_a_sentence_a_line_and_no_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
