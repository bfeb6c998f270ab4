#include "scan/expression.h"
#include "tests/scan_world.h"
#include "tests/test.h"

static struct scan_expressions *expressions;

static int set_up(void **state)
{
	(void)state;
	return scan_expressions_new(scan_policy(), &expressions);
}

static int tear_down(void **state)
{
	(void)state;
	scan_expressions_free(expressions);
	return 0;
}

/* The id of the first identifier that matches; "" for none. */
static const char *found(enum kind_group group, const char *text)
{
	uint32_t rows[4];
	size_t count = scan_expressions_find(expressions, group, view_text(text), rows, 4);
	return count ? policy_text(scan_policy(), policy_identifier(scan_policy(), rows[0])->id)
	             : "";
}

static const char *secret(const char *text)
{
	uint32_t rows[4];
	size_t count = scan_expressions_find_secret(expressions, view_text(text), rows, 4);
	return count ? policy_text(scan_policy(), policy_identifier(scan_policy(), rows[0])->id)
	             : "";
}

static void a_url_matches_with_and_without_its_scheme(void **state)
{
	(void)state;
	assert_string_equal(found(GROUP_URL, "img-7.seekcdn.example/x"), "images");
	assert_string_equal(found(GROUP_URL, "https://IMG-7.seekcdn.example/x"), "images");
	assert_string_equal(found(GROUP_URL, "api.tenant-9.example/v1/chat"), "tenants");
	assert_string_equal(found(GROUP_URL, "http://api.tenant-9.example/v1"), "tenants");
	assert_string_equal(found(GROUP_URL, "x.img-7.seekcdn.example/x"), "");
	assert_string_equal(found(GROUP_PACKAGE, "img-7.seekcdn.example/x"), "");
}

static void a_field_matches_by_its_value_and_only_of_its_kind(void **state)
{
	(void)state;
	assert_string_equal(found(GROUP_MACHINE, "process=seekd-12"), "daemon");
	assert_string_equal(found(GROUP_MACHINE, "PROCESS=seekd-12"), "daemon");
	assert_string_equal(found(GROUP_MACHINE, "environment=seekd-12"), "");
	assert_string_equal(found(GROUP_MACHINE, "process=process=seekd-12"), "");
	assert_string_equal(found(GROUP_MACHINE, "process="), "");
}

static void the_form_of_a_secret_is_asked_for_by_itself(void **state)
{
	(void)state;
	assert_string_equal(secret("x:seek-abcdefghij0123456789"), "own-key");
	assert_string_equal(secret("seek-abcdefghij012345678"), "");
	assert_string_equal(secret("seek-abcdefghij01234567890"), "");
	assert_string_equal(secret("SEEK-ABCDEFGHIJ0123456789"), "");
	assert_string_equal(found(GROUP_MACHINE, "secret=seek-abcdefghij0123456789"), "");
}

static void a_comparison_that_would_go_on_is_broken_off_and_counted(void **state)
{
	(void)state;
	char text[64] = "process=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
	uint64_t before = scan_expressions_broken_off(expressions);
	assert_string_equal(found(GROUP_MACHINE, text), "");
	assert_true(scan_expressions_broken_off(expressions) > before);
}

static void an_expression_that_is_none_is_counted(void **state)
{
	(void)state;
	assert_int_equal(scan_expressions_unusable(expressions), 1);
}

static void a_text_that_is_too_long_matches_nothing(void **state)
{
	(void)state;
	static char text[EXPRESSION_TEXT_MAX + 64];
	memset(text, '-', sizeof(text) - 1);
	memcpy(text, "seek-abcdefghij0123456789 ", 26);
	assert_string_equal(secret(text), "");
	text[EXPRESSION_TEXT_MAX] = '\0';
	assert_string_equal(secret(text), "own-key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_matches_with_and_without_its_scheme),
		cmocka_unit_test(a_field_matches_by_its_value_and_only_of_its_kind),
		cmocka_unit_test(the_form_of_a_secret_is_asked_for_by_itself),
		cmocka_unit_test(a_comparison_that_would_go_on_is_broken_off_and_counted),
		cmocka_unit_test(an_expression_that_is_none_is_counted),
		cmocka_unit_test(a_text_that_is_too_long_matches_nothing),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
