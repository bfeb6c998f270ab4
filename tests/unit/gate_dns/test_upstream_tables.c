#include <stdbool.h>

#include "gate/dns/upstream_ids.h"
#include "gate/dns/wheel.h"
#include "tests/random.h"
#include "tests/test.h"

enum { ROWS = 300 };

static void an_id_counts_only_on_its_channel(void **state)
{
	(void)state;
	cleanup(upstream_ids) struct upstream_ids *t = NULL;
	assert_int_equal(upstream_ids_new(ROWS, &t), OK);
	assert_int_equal(upstream_ids_add(t, 7, 1, 4711), OK);
	assert_int_equal(upstream_ids_add(t, 8, 2, 4711), OK);
	assert_int_equal(upstream_ids_add(t, 9, 1, 4711), ERR_EXISTS);
	assert_int_equal(upstream_ids_find(t, 1, 4711), 7);
	assert_int_equal(upstream_ids_find(t, 2, 4711), 8);
	assert_int_equal(upstream_ids_find(t, 3, 4711), UPSTREAM_IDS_NONE);
	assert_int_equal(upstream_ids_find(t, 1, 4712), UPSTREAM_IDS_NONE);
	upstream_ids_remove(t, 7);
	assert_int_equal(upstream_ids_find(t, 1, 4711), UPSTREAM_IDS_NONE);
	assert_int_equal(upstream_ids_find(t, 2, 4711), 8);
}

static void the_table_agrees_with_a_list_whatever_is_done_to_it(void **state)
{
	(void)state;
	struct {
		bool is_used;
		uint32_t channel;
		uint16_t id;
	} list[ROWS] = {0};
	uint64_t seed = 5;
	cleanup(upstream_ids) struct upstream_ids *t = NULL;
	assert_int_equal(upstream_ids_new(ROWS, &t), OK);
	for (int step = 0; step < 20000; step++) {
		uint32_t row = random_below(&seed, ROWS), found = UPSTREAM_IDS_NONE;
		uint32_t channel = random_below(&seed, 3);
		uint16_t id = (uint16_t)random_below(&seed, 200);
		for (uint32_t i = 0; i < ROWS; i++)
			found = list[i].is_used && list[i].channel == channel && list[i].id == id
			                ? i
			                : found;
		assert_int_equal(upstream_ids_find(t, channel, id), found);
		if (list[row].is_used) {
			upstream_ids_remove(t, row);
			list[row].is_used = false;
		} else if (upstream_ids_add(t, row, channel, id) == OK) {
			assert_int_equal(found, UPSTREAM_IDS_NONE);
			list[row].is_used = true;
			list[row].channel = channel;
			list[row].id = id;
		} else {
			assert_int_not_equal(found, UPSTREAM_IDS_NONE);
		}
	}
}

static void a_deadline_never_comes_early_and_at_most_a_tick_late(void **state)
{
	(void)state;
	int64_t at[ROWS] = {0}, now = 123456789;
	uint64_t seed = 9;
	cleanup(wheel) struct wheel *w = NULL;
	assert_int_equal(wheel_new(ROWS, now, &w), OK);
	for (int step = 0; step < 20000; step++) {
		uint32_t row = random_below(&seed, ROWS);
		if (random_below(&seed, 4) == 0) {
			wheel_clear(w, row);
			at[row] = 0;
		} else {
			at[row] = now + random_below(&seed, 12000000); /* also of later turns */
			wheel_set(w, row, at[row]);
		}
		now += random_below(&seed, 3000);
		while ((row = wheel_expired(w, now)) != WHEEL_NONE) {
			assert_true(at[row] && at[row] <= now);
			at[row] = 0;
		}
		for (uint32_t i = 0; i < ROWS; i++)
			assert_true(at[i] == 0 || at[i] + 2 * WHEEL_TICK_US > now);
	}
}

static void after_a_long_sleep_everything_is_due(void **state)
{
	(void)state;
	cleanup(wheel) struct wheel *w = NULL;
	assert_int_equal(wheel_new(ROWS, 0, &w), OK);
	for (uint32_t i = 0; i < ROWS; i++)
		wheel_set(w, i, i * 100000);
	unsigned due = 0;
	while (wheel_expired(w, INT64_C(1) << 50) != WHEEL_NONE)
		due++;
	assert_int_equal(due, ROWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_counts_only_on_its_channel),
		cmocka_unit_test(the_table_agrees_with_a_list_whatever_is_done_to_it),
		cmocka_unit_test(a_deadline_never_comes_early_and_at_most_a_tick_late),
		cmocka_unit_test(after_a_long_sleep_everything_is_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
