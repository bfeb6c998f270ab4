#include <string.h>

#include "flow/judged.h"
#include "tests/test.h"

enum { FLOWS = 64 };
static _Alignas(JUDGED_ALIGNMENT) uint8_t room[FLOWS * JUDGED_FLOW_SIZE];
static struct judged *j;

static int open_set(void **state)
{
	(void)state;
	memset(room, 0, sizeof(room));
	return judged_new(room, FLOWS, 7, &j);
}

static int close_set(void **state)
{
	(void)state;
	judged_free(j);
	return 0;
}

static uint64_t hash_of(uint64_t client, uint16_t port, bool is_reply, bool *ret_is_low)
{
	struct judged_end a = {.low = client, .port = port}, b = {.low = 0xc0000201, .port = 443};
	return judged_hash(j, is_reply ? &b : &a, is_reply ? &a : &b, 6, ret_is_low);
}

static void both_directions_are_one_flow(void **state)
{
	(void)state;
	bool is_low, reply_is_low;
	uint64_t hash = hash_of(10, 4000, false, &is_low);
	assert_true(hash == hash_of(10, 4000, true, &reply_is_low));
	assert_true(is_low != reply_is_low);
	assert_true(hash != hash_of(10, 4001, false, &is_low));
	struct judged_end same = {.low = 1, .port = 5};
	assert_true(judged_hash(j, &same, &same, 6, &is_low) !=
	            judged_hash(j, &same, &same, 17, &is_low));
}

static void what_was_set_is_found_until_it_is_forgotten(void **state)
{
	(void)state;
	const struct judged_flow flow = {JUDGED_WATCHED, true, true};
	bool is_low;
	uint64_t hash = hash_of(1, 1, false, &is_low);
	assert_int_equal(judged_find(j, hash, 5).state, JUDGED_NOT);
	judged_set(j, hash, flow, 5);
	struct judged_flow found = judged_find(j, hash, 6);
	assert_int_equal(found.state, JUDGED_WATCHED);
	assert_true(found.client_is_low && found.is_found);
	judged_set(j, hash, (struct judged_flow){JUDGED_RELEASED, false, false}, 7);
	assert_int_equal(judged_find(j, hash, 7).state, JUDGED_RELEASED);
	judged_forget(j, hash);
	assert_int_equal(judged_find(j, hash, 7).state, JUDGED_NOT);
}

static void a_full_line_gives_up_what_was_seen_longest_ago(void **state)
{
	(void)state;
	/* equal low bits: one line; 20 flows for its 8 places */
	for (uint64_t i = 1; i <= 20; i++)
		judged_set(j, i << 32, (struct judged_flow){JUDGED_RELEASED, false, i == 2},
		           (uint32_t)i);
	for (uint64_t i = 1; i <= 20; i++)
		assert_int_equal(judged_find(j, i << 32, 21).state,
		                 i == 2 || i >= 14 ? JUDGED_RELEASED : JUDGED_NOT);
}

static void sizes_that_are_no_power_of_two_are_refused(void **state)
{
	(void)state;
	struct judged *none = NULL;
	assert_int_equal(judged_new(room, 48, 1, &none), ERR_INVALID);
	assert_int_equal(judged_new(room, 4, 1, &none), ERR_INVALID);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_directions_are_one_flow, open_set, close_set),
		cmocka_unit_test_setup_teardown(what_was_set_is_found_until_it_is_forgotten,
	                                        open_set, close_set),
		cmocka_unit_test_setup_teardown(a_full_line_gives_up_what_was_seen_longest_ago,
	                                        open_set, close_set),
		cmocka_unit_test(sizes_that_are_no_power_of_two_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
