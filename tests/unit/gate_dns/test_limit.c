#include "base/timestamp.h"
#include "gate/dns/limit.h"
#include "tests/test.h"

static struct address address_of(const char *text)
{
	struct address a;
	assert_int_equal(address_parse(view_text(text), &a), OK);
	return a;
}

static struct limit *make(uint32_t per_second, uint32_t slip)
{
	struct limit_rule rule = {per_second, slip};
	struct limit *l;
	assert_int_equal(limit_new(&rule, 1024, 1, &l), OK);
	return l;
}

static unsigned answers(struct limit *l, const char *client, unsigned count, int64_t now_us)
{
	struct address a = address_of(client);
	unsigned answered = 0;
	while (count-- > 0)
		answered += limit_ask(l, limit_key_of_network(l, &a), now_us) == LIMIT_ANSWER;
	return answered;
}

static void a_network_gets_its_rate_and_no_more(void **state)
{
	(void)state;
	cleanup(limit) struct limit *l = make(5, 0);
	assert_int_equal(answers(l, "192.0.2.1", 100, 0), 5);
	assert_int_equal(answers(l, "192.0.2.1", 100, SECOND_US), 5);
	assert_int_equal(answers(l, "192.0.2.1", 100, SECOND_US + SECOND_US / 5), 1);
	assert_int_equal(answers(l, "192.0.2.1", 100, 3600 * SECOND_US), 5);
}

static void addresses_of_one_network_share_its_rate(void **state)
{
	(void)state;
	cleanup(limit) struct limit *l = make(5, 0);
	assert_int_equal(answers(l, "192.0.2.1", 3, 0), 3);
	assert_int_equal(answers(l, "192.0.2.200", 100, 0), 2);
	assert_int_equal(answers(l, "192.0.3.1", 100, 0), 5);
	assert_int_equal(answers(l, "2001:db8:0:1::1", 3, 0), 3);
	assert_int_equal(answers(l, "2001:db8:0:ff::2", 100, 0), 2);
	assert_int_equal(answers(l, "2001:db8:0:100::2", 100, 0), 5);
}

static void each_slip_th_answer_over_the_rate_is_truncated(void **state)
{
	(void)state;
	cleanup(limit) struct limit *l = make(1, 3);
	struct address client = address_of("192.0.2.1");
	uint64_t a = limit_key_of_network(l, &client);
	assert_int_equal(limit_ask(l, a, 0), LIMIT_ANSWER);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(limit_ask(l, a, 0), LIMIT_DROP);
		assert_int_equal(limit_ask(l, a, 0), LIMIT_DROP);
		assert_int_equal(limit_ask(l, a, 0), LIMIT_TRUNCATE);
	}
}

static void asking_often_does_not_hinder_the_bucket_from_filling(void **state)
{
	(void)state;
	cleanup(limit) struct limit *l = make(10, 0);
	unsigned answered = 0;
	for (int64_t at = 0; at < 10 * SECOND_US; at += SECOND_US / 1000)
		answered += answers(l, "192.0.2.1", 1, at);
	/* the full bucket at the start, then ten a second */
	assert_in_range(answered, 109, 110);
}

static void a_clock_that_stands_still_gives_nothing(void **state)
{
	(void)state;
	cleanup(limit) struct limit *l = make(2, 0);
	assert_int_equal(answers(l, "192.0.2.1", 10, 5 * SECOND_US), 2);
	assert_int_equal(answers(l, "192.0.2.1", 10, 5 * SECOND_US), 0);
	assert_int_equal(answers(l, "192.0.2.1", 10, 4 * SECOND_US), 0);
}

static void a_client_is_told_from_its_neighbours(void **state)
{
	(void)state;
	cleanup(limit) struct limit *l = make(1, 0);
	struct address a = address_of("192.0.2.1"), b = address_of("192.0.2.2");
	assert_int_equal(limit_ask(l, limit_key_of_client(l, &a), 0), LIMIT_ANSWER);
	assert_int_equal(limit_ask(l, limit_key_of_client(l, &b), 0), LIMIT_ANSWER);
	assert_int_equal(limit_ask(l, limit_key_of_client(l, &a), 0), LIMIT_DROP);
}

static void what_is_returned_may_be_taken_again_and_no_more_than_that(void **state)
{
	(void)state;
	cleanup(limit) struct limit *l = make(2, 0);
	uint64_t key = limit_key_of_bytes(l, view_text("key"));
	assert_true(limit_has_room(l, key, 0));
	limit_return(l, key); /* of a bucket that nobody has */
	assert_int_equal(limit_ask(l, key, 0), LIMIT_ANSWER);
	limit_return(l, key);
	limit_return(l, key);
	assert_int_equal(limit_ask(l, key, 0), LIMIT_ANSWER);
	assert_int_equal(limit_ask(l, key, 0), LIMIT_ANSWER);
	assert_false(limit_has_room(l, key, 0));
	assert_true(limit_has_room(l, key, SECOND_US));
	assert_int_equal(limit_ask(l, key, 0), LIMIT_DROP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_gets_its_rate_and_no_more),
		cmocka_unit_test(addresses_of_one_network_share_its_rate),
		cmocka_unit_test(each_slip_th_answer_over_the_rate_is_truncated),
		cmocka_unit_test(asking_often_does_not_hinder_the_bucket_from_filling),
		cmocka_unit_test(a_clock_that_stands_still_gives_nothing),
		cmocka_unit_test(a_client_is_told_from_its_neighbours),
		cmocka_unit_test(what_is_returned_may_be_taken_again_and_no_more_than_that),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
