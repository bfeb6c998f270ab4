#include "scan/python_name.h"
#include "tests/test.h"

static void check(const char *text, const char *expected)
{
	char name[PYTHON_NAME_MAX];
	size_t size = python_name_read(view_text(text), name);
	assert_true(view_is(view_of(name, size), expected));
}

static void names_are_compared_as_registries_do(void **state)
{
	(void)state;
	check("Seek_SDK", "seek-sdk");
	check("seek.sdk[extra]>=1.0", "seek-sdk");
	check("seek--_.sdk ; x", "seek-sdk");
	check("-seek-", "seek");
	check("==1", "");
	check("", "");
}

static void a_name_that_is_too_long_is_none(void **state)
{
	(void)state;
	char text[PYTHON_NAME_MAX + 2];
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	check(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_compared_as_registries_do),
		cmocka_unit_test(a_name_that_is_too_long_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
