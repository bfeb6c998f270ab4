#include "policy/list_check.h"
#include "tests/test.h"

static struct name_list_counts counts;

static enum list_finding check(const char *text, size_t names_before)
{
	return list_check(view_text(text), NAME_LIST_AUTO, names_before, &counts);
}

static void a_list_is_counted(void **state)
{
	(void)state;
	assert_int_equal(check("# title\na.example\nb.example\nno name!\n", 0), LIST_GOOD);
	assert_int_equal(counts.names, 2);
	assert_int_equal(counts.problems, 1);
	assert_int_equal(counts.format, NAME_LIST_PLAIN);
	assert_int_equal(check("||a.example^\n@@||b.a.example^\n", 0), LIST_GOOD);
	assert_int_equal(counts.exceptions, 1);
}

static void what_is_no_list_says_why(void **state)
{
	(void)state;
	assert_int_equal(check("", 0), LIST_EMPTY);
	assert_int_equal(check(" \r\n\t\n", 0), LIST_EMPTY);
	assert_int_equal(check("\xef\xbb\xbf", 0), LIST_EMPTY);
	assert_int_equal(check("<!DOCTYPE html>", 0), LIST_MARKUP);
	assert_int_equal(check("\xef\xbb\xbf\n <?xml version=\"1.0\"?>", 0), LIST_MARKUP);
	assert_int_equal(check("# only a comment\n", 0), LIST_NAMELESS);
	assert_int_equal(check("{\"error\": \"not found\"}\n", 0), LIST_NAMELESS);
	for (int i = 0; i < LIST_FINDINGS; i++)
		assert_non_null(list_finding_texts[i]);
}

static void less_than_half_of_the_names_is_too_few(void **state)
{
	(void)state;
	static const char two[] = "a.example\nb.example\n";
	assert_int_equal(check(two, 0), LIST_GOOD);
	assert_int_equal(check(two, 2), LIST_GOOD);
	assert_int_equal(check(two, 4), LIST_GOOD);
	assert_int_equal(check(two, 5), LIST_SHRUNK);
	assert_int_equal(check(two, SIZE_MAX), LIST_SHRUNK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_counted),
		cmocka_unit_test(what_is_no_list_says_why),
		cmocka_unit_test(less_than_half_of_the_names_is_too_few),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
