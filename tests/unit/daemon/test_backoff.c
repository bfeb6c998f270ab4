#include "daemon/backoff.h"
#include "tests/test.h"

static void the_first_restart_is_immediate(void **state)
{
	(void)state;
	struct backoff b = {0};
	assert_int_equal(backoff_next(&b, 0), 0);
}

static void waits_double_up_to_a_limit(void **state)
{
	(void)state;
	struct backoff b = {0};
	assert_int_equal(backoff_next(&b, 10), 0);
	int64_t expected = BACKOFF_FIRST_US;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(backoff_next(&b, 10), expected);
		expected = expected * 2 < BACKOFF_MAX_US ? expected * 2 : BACKOFF_MAX_US;
	}
}

static void a_role_that_ran_well_starts_over(void **state)
{
	(void)state;
	struct backoff b = {0};
	for (int i = 0; i < 10; i++)
		(void)backoff_next(&b, 10);
	assert_int_equal(backoff_next(&b, BACKOFF_HEALTHY_US), 0);
	assert_int_equal(backoff_next(&b, 10), BACKOFF_FIRST_US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_restart_is_immediate),
		cmocka_unit_test(waits_double_up_to_a_limit),
		cmocka_unit_test(a_role_that_ran_well_starts_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
