#include "base/timestamp.h"
#include "record/log_clock.h"
#include "tests/test.h"

static void it_is_the_clocks_while_that_goes_on(void **state)
{
	(void)state;
	struct log_clock t = log_clock_begin(TIME_MIN, 1000, 7);
	assert_int_equal(t.now_us, 1000);
	assert_int_equal(log_clock_move(&t, 1010, 17), 1010);
	assert_int_equal(log_clock_move(&t, 5000, 27), 5000); /* set forward */
	assert_int_equal(log_clock_move(&t, 5010, 37), 5010);
}

static void a_clock_that_is_set_back_is_waited_for_at_half_speed(void **state)
{
	(void)state;
	struct log_clock t = log_clock_begin(TIME_MIN, 10000, 0);
	assert_int_equal(log_clock_move(&t, 9000, 0), 10000);
	int64_t before = t.now_us;
	for (int64_t steady = 10; steady <= 1990; steady += 10) {
		int64_t now = log_clock_move(&t, 9000 + steady, steady);
		assert_int_equal(now, before + 5);
		before = now;
	}
	assert_int_equal(log_clock_move(&t, 11000, 2000), 11000); /* caught up */
	assert_int_equal(log_clock_move(&t, 11010, 2010), 11010);
}

static void a_log_that_is_ahead_of_the_clock_is_gone_on_with(void **state)
{
	(void)state;
	struct log_clock t = log_clock_begin(5000, 1000, 0);
	assert_int_equal(t.now_us, 5000);
	assert_int_equal(log_clock_move(&t, 1100, 100), 5050);
	t = log_clock_begin(5000, 6000, 0);
	assert_int_equal(t.now_us, 6000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_clocks_while_that_goes_on),
		cmocka_unit_test(a_clock_that_is_set_back_is_waited_for_at_half_speed),
		cmocka_unit_test(a_log_that_is_ahead_of_the_clock_is_gone_on_with),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
