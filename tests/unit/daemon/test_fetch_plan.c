#include "base/timestamp.h"
#include "daemon/fetch_plan.h"
#include "tests/test.h"

#define NOW (INT64_C(2000000) * SECOND_US)

static int64_t wait_of(int64_t failures, uint32_t random)
{
	struct fetch_past past = {.tried_us = NOW, .failures = failures, .has_copy = true};
	return fetch_due(&past, DAY_US, NOW, random) - NOW;
}

static void a_list_that_was_never_asked_for_is_due(void **state)
{
	(void)state;
	struct fetch_past past = {.tried_us = TIME_MIN};
	assert_int_equal(fetch_due(&past, DAY_US, NOW, 7), NOW);
}

static void a_good_answer_lasts_for_refresh_give_or_take_a_tenth(void **state)
{
	(void)state;
	assert_int_equal(wait_of(0, 0), DAY_US / 10 * 9);
	assert_int_equal(wait_of(0, UINT32_MAX), DAY_US / 10 * 11);
}

static void waits_after_failures_double_up_to_a_limit(void **state)
{
	(void)state;
	int64_t wait = FETCH_FIRST_US;
	for (int64_t failures = 1; failures < 100; failures++) {
		assert_int_equal(wait_of(failures, 0), wait / 2);
		assert_int_equal(wait_of(failures, UINT32_MAX), wait / 2 * 3);
		wait = wait * 2 < FETCH_MAX_US ? wait * 2 : FETCH_MAX_US;
	}
	assert_int_equal(wait_of(INT64_MAX, 0), FETCH_MAX_US / 2);
}

static void no_wait_is_longer_than_refresh_asks_for(void **state)
{
	(void)state;
	struct fetch_past past = {.tried_us = NOW, .failures = 50};
	int64_t minute = 60 * SECOND_US;
	assert_int_equal(fetch_due(&past, minute, NOW, UINT32_MAX), NOW + minute / 2 * 3);
}

static void a_clock_that_was_set_back_does_not_delay(void **state)
{
	(void)state;
	struct fetch_past past = {.tried_us = NOW + 1, .has_copy = true};
	assert_int_equal(fetch_due(&past, DAY_US, NOW, 7), NOW);
}

static void what_is_pinned_and_there_is_not_asked_for(void **state)
{
	(void)state;
	struct fetch_past past = {.tried_us = NOW, .has_copy = true, .is_pinned = true};
	assert_int_equal(fetch_due(&past, DAY_US, NOW, 7), TIME_MAX);
	past.has_copy = false;
	assert_true(fetch_due(&past, DAY_US, NOW, 7) < TIME_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_that_was_never_asked_for_is_due),
		cmocka_unit_test(a_good_answer_lasts_for_refresh_give_or_take_a_tenth),
		cmocka_unit_test(waits_after_failures_double_up_to_a_limit),
		cmocka_unit_test(no_wait_is_longer_than_refresh_asks_for),
		cmocka_unit_test(a_clock_that_was_set_back_does_not_delay),
		cmocka_unit_test(what_is_pinned_and_there_is_not_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
