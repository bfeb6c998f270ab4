#include <string.h>

#include "base/timestamp.h"
#include "gate/dns/pending.h"
#include "tests/test.h"
#include "wire/dns.h"

static const struct pending_limits limits = {
	.questions = 4, .waiters = 8, .timeout_us = SECOND_US, .late_us = SECOND_US / 2};

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
	assert_int_equal(join(p, "x.example", 1, 4, 0, &token), PENDING_FIRST);
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
	assert_non_null(pending_next(p, token));
	assert_int_equal(join(p, "y.example", 1, 9, 0, &token), PENDING_FIRST);
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
}

static void who_waits_for_long_is_shown_once_and_waits_on(void **state)
{
	(void)state;
	cleanup(pending) struct pending *p = make();
	uint32_t a, b;
	const int64_t late = SECOND_US / 2;
	assert_null(pending_late(p, late));
	assert_int_equal(join(p, "x.example", 1, 10, 0, &a), PENDING_FIRST);
	assert_int_equal(join(p, "y.example", 1, 11, 5, &b), PENDING_FIRST);
	assert_int_equal(join(p, "x.example", 1, 12, 10, &a), PENDING_JOINED);
	assert_null(pending_late(p, late - 1));
	assert_int_equal(pending_late(p, late)->query.id, 10);
	assert_null(pending_late(p, late));
	/* one that leaves is not shown any more */
	assert_int_equal(pending_next(p, b)->query.id, 11);
	pending_end(p, b);
	assert_int_equal(pending_late(p, SECOND_US)->query.id, 12);
	assert_null(pending_late(p, SECOND_US));
	assert_int_equal(pending_waiters(p), 2);
	assert_int_equal(join(p, "x.example", 1, 13, 20, &a), PENDING_JOINED);
	assert_int_equal(pending_late(p, late + 20)->query.id, 13);
}

static void a_question_may_have_nobody_who_waits_while_half_the_table_is_free(void **state)
{
	(void)state;
	cleanup(pending) struct pending *p = make();
	struct dns_question question = {.type = 1};
	uint32_t a, b;
	assert_int_equal(dname_parse_text(view_text("x.example"), &question.name), OK);
	assert_int_equal(pending_begin(p, &question, &a), PENDING_FIRST);
	assert_int_equal(pending_begin(p, &question, &b), PENDING_JOINED);
	assert_null(pending_next(p, a));
	assert_int_equal(join(p, "x.example", 1, 10, 0, &b), PENDING_JOINED);
	assert_int_equal(a, b);
	question.type = 2;
	assert_int_equal(pending_begin(p, &question, &b), PENDING_FIRST);
	question.type = 3;
	assert_int_equal(pending_begin(p, &question, &b), ERR_LIMIT);
	assert_int_equal(join(p, "z.example", 1, 11, 0, &b), PENDING_FIRST);
	pending_end(p, a);
	assert_int_equal(pending_begin(p, &question, &a), ERR_LIMIT);
	pending_end(p, b);
	assert_int_equal(pending_begin(p, &question, &a), PENDING_FIRST);
}

static void short_options_come_along_and_padding_does_not(void **state)
{
	(void)state;
	cleanup(pending) struct pending *p = make();
	struct asked a;
	struct origin origin = {0};
	uint32_t of;
	uint8_t options[200] = "\0\x0c\0\x50";
	size_t at = 84;
	memcpy(options + at,
	       "\0\x0a\0\x08"
	       "clientck",
	       12);
	memcpy(options + at + 12, "\xfd\xe9\0\0", 4);
	memcpy(options + at + 16, "\xfd\xea\0\x50", 4); /* too long */
	memcpy(options + at + 100, "\0\3\0\0", 4);
	ask_for(&a, "x.example", 1, 9);
	assert_int_equal(dns_edns_parse(1232, 0, view_of(options, at + 104), &a.query.edns), OK);
	struct dns_asked asked = {.question = {.name = a.query.name, .type = 1}};
	assert_int_equal(pending_join(p, &asked, &a.query, &origin, 0, &of), PENDING_FIRST);
	memset(options, 0, sizeof(options));
	const struct dns_edns *kept = &pending_next(p, of)->query.edns;
	assert_true(view_is(kept->cookie, "clientck"));
	assert_int_equal(kept->options.size, 20);
	assert_memory_equal(kept->options.bytes + 12, "\xfd\xe9\0\0\0\3\0\0", 8);
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
		cmocka_unit_test(who_waits_for_long_is_shown_once_and_waits_on),
		cmocka_unit_test(a_question_may_have_nobody_who_waits_while_half_the_table_is_free),
		cmocka_unit_test(short_options_come_along_and_padding_does_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
