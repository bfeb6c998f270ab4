#include <string.h>

#include "base/timestamp.h"
#include "gate/dns/pending.h"
#include "tests/test.h"
#include "wire/dns.h"

static const struct pending_limits limits = {.questions = 4, .waiters = 8, .timeout_us = SECOND_US};

struct asked {
	struct dns_query query;
	uint8_t question[DNS_QUESTION_SIZE_MAX];
};

static void ask_for(struct asked *a, const char *text, uint16_t type, uint16_t id)
{
	memset(a, 0, sizeof(*a));
	assert_int_equal(dname_parse_text(view_text(text), &a->query.name), OK);
	memcpy(a->question, a->query.name.bytes, a->query.name.size);
	a->query.question = view_of(a->question, a->query.name.size + 4U);
	a->query.type = type;
	a->query.id = id;
}

static int join(struct pending *p, const char *text, uint16_t type, uint16_t id, int64_t now_us,
                uint32_t *ret)
{
	struct asked a;
	struct origin origin = {.connection = id};
	ask_for(&a, text, type, id);
	struct dns_asked asked = {.question = {.name = a.query.name, .type = type}};
	int r = pending_join(p, &asked, &a.query, &origin, now_us, ret);
	memset(&a, 0xee, sizeof(a)); /* nothing may be borrowed from it */
	return r;
}

static struct pending *make(void)
{
	struct pending *p;
	assert_int_equal(pending_new(&limits, 3, &p), OK);
	return p;
}

static void equal_questions_are_one(void **state)
{
	(void)state;
	cleanup(pending) struct pending *p = make();
	uint32_t a, b, c;
	assert_int_equal(join(p, "x.example", 1, 10, 0, &a), PENDING_FIRST);
	assert_int_equal(join(p, "X.EXAMPLE", 1, 11, 0, &b), PENDING_JOINED);
	assert_int_equal(join(p, "x.example", 28, 12, 0, &c), PENDING_FIRST);
	assert_int_equal(a, b);
	assert_int_not_equal(a, c);
	assert_int_equal(pending_questions(p), 2);
	assert_int_equal(pending_waiters(p), 3);
}

static void waiters_leave_in_the_order_they_came_with_what_they_brought(void **state)
{
	(void)state;
	cleanup(pending) struct pending *p = make();
	uint32_t token;
	for (uint16_t id = 1; id <= 3; id++)
		assert_true(join(p, "x.example", 1, id, 0, &token) >= 0);
	for (uint16_t id = 1; id <= 3; id++) {
		const struct waiter *w = pending_next(p, token);
		assert_non_null(w);
		assert_int_equal(w->query.id, id);
		assert_int_equal(w->origin.connection, id);
		assert_int_equal(w->query.question.size, w->query.name.size + 4);
		assert_memory_equal(w->query.question.bytes, w->query.name.bytes,
		                    w->query.name.size);
	}
	assert_null(pending_next(p, token));
	pending_end(p, token);
	assert_int_equal(pending_questions(p), 0);
}

static void a_full_table_of_questions_takes_only_known_ones(void **state)
{
	(void)state;
	cleanup(pending) struct pending *p = make();
	static const char *const names[] = {"a.example", "b.example", "c.example", "d.example"};
	uint32_t token, other;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(join(p, names[i], 1, 1, 0, &token), PENDING_FIRST);
	assert_int_equal(join(p, "e.example", 1, 1, 0, &other), ERR_LIMIT);
	assert_int_equal(join(p, "d.example", 1, 1, 0, &other), PENDING_JOINED);
	pending_end(p, token);
	assert_int_equal(join(p, "e.example", 1, 1, 0, &other), PENDING_FIRST);
}

static void a_full_table_of_waiters_takes_nobody(void **state)
{
	(void)state;
	cleanup(pending) struct pending *p = make();
	uint32_t token;
	for (uint16_t id = 0; id < 8; id++)
		assert_true(join(p, "x.example", 1, id, 0, &token) >= 0);
	assert_int_equal(join(p, "x.example", 1, 9, 0, &token), ERR_LIMIT);
	assert_int_equal(join(p, "y.example", 1, 9, 0, &token), ERR_LIMIT);
	assert_int_equal(pending_questions(p), 1);
}

static void who_waited_long_enough_leaves_and_the_question_stays(void **state)
{
	(void)state;
	cleanup(pending) struct pending *p = make();
	uint32_t token, other;
	assert_true(join(p, "x.example", 1, 1, 0, &token) >= 0);
	assert_true(join(p, "y.example", 1, 2, 100, &other) >= 0);
	assert_true(join(p, "x.example", 1, 3, 200, &token) >= 0);
	assert_null(pending_expired(p, SECOND_US - 1));
	assert_int_equal(pending_expired(p, SECOND_US + 150)->query.id, 1);
	assert_int_equal(pending_expired(p, SECOND_US + 150)->query.id, 2);
	assert_null(pending_expired(p, SECOND_US + 150));
	assert_int_equal(pending_questions(p), 2);
	assert_int_equal(join(p, "y.example", 1, 4, 300, &other), PENDING_JOINED);
	assert_int_equal(pending_next(p, token)->query.id, 3);
	assert_null(pending_next(p, token));
	assert_int_equal(pending_next(p, other)->query.id, 4);
	pending_end(p, other);
	pending_end(p, token);
	assert_null(pending_expired(p, INT64_MAX));
	assert_int_equal(pending_waiters(p), 0);
}

static void slots_are_used_again_for_ever(void **state)
{
	(void)state;
	cleanup(pending) struct pending *p = make();
	uint32_t token;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(join(p, i % 2 ? "x.example" : "y.example", 1, 1, i, &token),
		                 PENDING_FIRST);
		assert_int_equal(join(p, i % 2 ? "x.example" : "y.example", 1, 2, i, &token),
		                 PENDING_JOINED);
		if (i % 3 == 0)
			assert_non_null(pending_next(p, token));
		pending_end(p, token);
	}
	assert_int_equal(pending_waiters(p), 0);
	assert_int_equal(pending_questions(p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_questions_are_one),
		cmocka_unit_test(waiters_leave_in_the_order_they_came_with_what_they_brought),
		cmocka_unit_test(a_full_table_of_questions_takes_only_known_ones),
		cmocka_unit_test(a_full_table_of_waiters_takes_nobody),
		cmocka_unit_test(who_waited_long_enough_leaves_and_the_question_stays),
		cmocka_unit_test(slots_are_used_again_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
