#include "gate/dns/renewals.h"
#include "tests/test.h"

static struct dns_question question_of(unsigned number)
{
	return (struct dns_question){.type = (uint16_t)number, .class = DNS_CLASS_IN};
}

static void each_is_taken_at_its_moment_and_the_earliest_first(void **state)
{
	(void)state;
	cleanup(renewals) struct renewals *r = NULL;
	struct dns_question question;
	assert_int_equal(renewals_new(&r), OK);
	assert_true(renewals_next_us(r) == RENEWALS_NEVER);
	assert_false(renewals_take(r, INT64_MAX - 1, &question));
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 1000; i++) {
			unsigned at = i * 387 % 1000;
			question = question_of(at);
			assert_true(renewals_add(r, &question, at));
		}
		for (unsigned at = 0; at < 1000; at++) {
			assert_int_equal(renewals_next_us(r), at);
			assert_false(renewals_take(r, (int64_t)at - 1, &question));
			assert_true(renewals_take(r, at, &question));
			assert_int_equal(question.type, at);
		}
		assert_true(renewals_next_us(r) == RENEWALS_NEVER);
	}
}

static void what_finds_no_room_is_not_taken(void **state)
{
	(void)state;
	cleanup(renewals) struct renewals *r = NULL;
	struct dns_question question = question_of(1);
	assert_int_equal(renewals_new(&r), OK);
	for (int i = 0; i < RENEWALS_MAX; i++)
		assert_true(renewals_add(r, &question, 5));
	assert_false(renewals_add(r, &question, 5));
	assert_true(renewals_take(r, 5, &question));
	assert_true(renewals_add(r, &question, 6));
	assert_false(renewals_add(r, &question, 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_taken_at_its_moment_and_the_earliest_first),
		cmocka_unit_test(what_finds_no_room_is_not_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
