#include "gate/dns/upstream_health.h"
#include "tests/test.h"

static const uint16_t group[] = {0, 1, 2};
enum { MS = 1000, COUNT = 3 };

static int pick(struct health *h, uint32_t except, int64_t now)
{
	return health_pick(h, group, COUNT, except, now);
}

/* Each has been measured: 10, 20 and 30 ms. */
static void measure(struct health *h, int64_t now)
{
	for (int i = 0; i < COUNT; i++)
		health_answered(&h[i], (i + 1) * 10 * MS, now);
}

static void each_is_measured_once_before_the_fastest_is_taken(void **state)
{
	(void)state;
	struct health h[COUNT] = {0};
	bool seen[COUNT] = {false};
	for (int i = 0; i < COUNT; i++)
		seen[pick(h, 0, 1)] = true;
	assert_true(seen[0] && seen[1] && seen[2]);
	measure(h, 2);
	assert_int_equal(pick(h, 0, 3), 0);
	assert_int_equal(pick(h, 1U << 0, 3), 1);
	assert_int_equal(pick(h, 3, 3), 2);
	assert_int_equal(pick(h, 7, 3), -1);
}

static void one_that_was_not_measured_for_long_gets_one_question(void **state)
{
	(void)state;
	struct health h[COUNT] = {0};
	measure(h, 1);
	int64_t later = HEALTH_STALE_US + 2;
	health_answered(&h[0], 10 * MS, later);
	health_answered(&h[1], 20 * MS, later);
	assert_int_equal(pick(h, 0, later), 2);
	assert_int_equal(pick(h, 0, later), 0);
}

static void patience_follows_what_is_usual_within_bounds(void **state)
{
	(void)state;
	struct health h = {0};
	assert_int_equal(health_patience(&h), 4 * HEALTH_RTT_UNKNOWN_US);
	for (int i = 0; i < 200; i++)
		health_answered(&h, 1 * MS, i);
	assert_int_equal(health_patience(&h), HEALTH_PATIENCE_MIN_US);
	for (int i = 0; i < 200; i++)
		health_answered(&h, 200 * MS, i);
	assert_in_range(health_patience(&h), 200 * MS, 300 * MS);
	for (int i = 0; i < 200; i++)
		health_answered(&h, 10000 * MS, i);
	assert_int_equal(health_patience(&h), HEALTH_PATIENCE_MAX_US);
}

static void a_few_late_answers_in_one_moment_do_not_take_a_server_down(void **state)
{
	(void)state;
	struct health h = {0};
	health_answered(&h, 10 * MS, 1);
	for (int i = 0; i < 1000; i++)
		health_late(&h, 2);
	assert_false(h.is_down);
	health_late(&h, 2 + HEALTH_DOWN_AFTER_US);
	assert_true(h.is_down);
}

static void a_server_that_is_down_is_probed_ever_more_seldom_until_it_answers(void **state)
{
	(void)state;
	struct health h[COUNT] = {0};
	int64_t now = 1, pause = HEALTH_PAUSE_MIN_US;
	measure(h, now);
	health_broken(&h[0], now);
	for (int i = 0; i < 12; i++) {
		assert_int_equal(pick(h, 0, now), 1);
		assert_int_equal(health_probe(h, group, COUNT, 0, now + pause - 1), -1);
		now += pause;
		health_answered(&h[1], 20 * MS, now);
		health_answered(&h[2], 30 * MS, now);
		assert_int_equal(health_probe(h, group, COUNT, 0, now), 0);
		assert_int_equal(health_probe(h, group, COUNT, 0, now), -1);
		pause = pause * 2 < HEALTH_PAUSE_MAX_US ? pause * 2 : HEALTH_PAUSE_MAX_US;
	}
	health_answered(&h[0], 10 * MS, now);
	assert_int_equal(pick(h, 0, now), 0);
}

static void when_all_are_down_they_take_turns(void **state)
{
	(void)state;
	struct health h[COUNT] = {0};
	unsigned asked[COUNT] = {0};
	measure(h, 1);
	for (int i = 0; i < COUNT; i++)
		health_broken(&h[i], 1 + i);
	for (int i = 0; i < 30; i++)
		asked[pick(h, 0, 10 + i)]++;
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(asked[i], 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_measured_once_before_the_fastest_is_taken),
		cmocka_unit_test(one_that_was_not_measured_for_long_gets_one_question),
		cmocka_unit_test(patience_follows_what_is_usual_within_bounds),
		cmocka_unit_test(a_few_late_answers_in_one_moment_do_not_take_a_server_down),
		cmocka_unit_test(a_server_that_is_down_is_probed_ever_more_seldom_until_it_answers),
		cmocka_unit_test(when_all_are_down_they_take_turns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
