#include "base/decimal.h"
#include "tests/test.h"

static void reads_what_has_digits_only(void **state)
{
	(void)state;
	uint64_t value;
	assert_int_equal(decimal_parse(view_text("0"), 1, &value), OK);
	assert_int_equal(value, 0);
	assert_int_equal(decimal_parse(view_text("00443"), 5, &value), OK);
	assert_int_equal(value, 443);
	assert_int_equal(
		decimal_parse(view_text("9999999999999999999"), DECIMAL_DIGITS_MAX, &value), OK);
	assert_true(value == UINT64_C(9999999999999999999));
}

static void refuses_all_else_and_leaves_the_result_alone(void **state)
{
	(void)state;
	static const char *wrong[] = {"", "-1", "+1", " 1", "1 ", "1a", "0x1", "1.0", "123456"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		uint64_t value = 7;
		assert_int_equal(decimal_parse(view_text(wrong[i]), 5, &value), ERR_MALFORMED);
		assert_int_equal(value, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_has_digits_only),
		cmocka_unit_test(refuses_all_else_and_leaves_the_result_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
