#include <stdio.h>

#include "gate/packet/watched.h"
#include "tests/test.h"

static struct flow_key key_of(uint16_t port)
{
	return (struct flow_key){.client = {4, {192, 0, 2, 1}},
	                         .server = {4, {203, 0, 113, 1}},
	                         .client_port = port,
	                         .server_port = 443,
	                         .protocol = FLOW_TCP};
}

static struct event_record event_of(uint32_t identifier)
{
	return (struct event_record){.identifier = identifier};
}

static void an_event_is_news_once_a_flow_until_it_is_old(void **state)
{
	(void)state;
	struct watched *w;
	assert_int_equal(watched_new(1, &w), OK);
	struct flow_key one = key_of(1), two = key_of(2);
	struct event_record a = event_of(1), b = event_of(2);
	assert_int_equal(watched_add(w, &one, &a, 0), WATCHED_NEW);
	assert_int_equal(watched_add(w, &one, &a, 10), WATCHED_KNOWN);
	assert_int_equal(watched_add(w, &one, &b, 10), WATCHED_NEW);
	assert_int_equal(watched_add(w, &two, &a, 10), WATCHED_NEW);
	assert_int_equal(watched_add(w, &one, &a, 10 + WATCHED_SAME_US - 1), WATCHED_KNOWN);
	assert_int_equal(watched_add(w, &one, &a, 10 + 2 * (int64_t)WATCHED_SAME_US), WATCHED_NEW);
	assert_int_equal(watched_add(w, &one, &a, 0), WATCHED_NEW); /* the clock ran back */
	watched_free(w);
}

static void the_end_of_a_flow_gives_its_first_event_and_forgets_all(void **state)
{
	(void)state;
	struct watched *w;
	struct event_record found;
	assert_int_equal(watched_new(1, &w), OK);
	struct flow_key one = key_of(1), two = key_of(2), turned = flow_key_turned(&one);
	struct event_record a = event_of(1), b = event_of(2);
	(void)watched_add(w, &one, &a, 0);
	(void)watched_add(w, &one, &b, 0);
	(void)watched_add(w, &two, &b, 0);
	assert_false(watched_take(w, &turned, &found));
	assert_true(watched_take(w, &one, &found));
	assert_int_equal(found.identifier, 1);
	assert_false(watched_take(w, &one, &found));
	assert_false(watched_has(w, &one));
	assert_true(watched_has(w, &two));
	assert_int_equal(watched_add(w, &one, &b, 1), WATCHED_NEW);
	assert_true(watched_take(w, &two, &found));
	assert_int_equal(found.identifier, 2);
	watched_free(w);
}

static void a_full_table_keeps_the_newest_and_says_so(void **state)
{
	(void)state;
	struct watched *w;
	struct event_record a = event_of(1), found;
	enum { FLOWS = 60000, NEWEST = WATCHED_ROWS / 16 };
	int lost = 0, kept = 0;
	assert_int_equal(watched_new(1, &w), OK);
	for (int i = 0; i < FLOWS; i++) {
		struct flow_key key = key_of((uint16_t)i);
		lost += watched_add(w, &key, &a, i) == WATCHED_NEW_FOR_OLD;
	}
	for (int i = FLOWS - NEWEST; i < FLOWS; i++) {
		struct flow_key key = key_of((uint16_t)i);
		kept += watched_take(w, &key, &found);
	}
	assert_in_range(lost, FLOWS - WATCHED_ROWS, FLOWS);
	assert_in_range(kept, NEWEST - NEWEST / 100, NEWEST);
	watched_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_news_once_a_flow_until_it_is_old),
		cmocka_unit_test(the_end_of_a_flow_gives_its_first_event_and_forgets_all),
		cmocka_unit_test(a_full_table_keeps_the_newest_and_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
