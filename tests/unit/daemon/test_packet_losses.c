#include "daemon/packet_losses.h"
#include "tests/test.h"

enum { A = 1000, B = 2000, C = 3000, D = 4000 };

static struct packet_loss told[PACKET_LOSSES];

static size_t look(struct packet_losses *l, struct packet_seen seen)
{
	return packet_losses_look(l, &seen, told);
}

static void nothing_is_lost_while_all_is_judged_waits_or_is_on_its_way(void **state)
{
	(void)state;
	struct packet_losses l = {0};
	assert_int_equal(look(&l, (struct packet_seen){.queued = 9, .waiting = 2, .judged = 7}), 0);
	/* those that waited are counted twice */
	assert_int_equal(look(&l, (struct packet_seen){.queued = 9, .waiting = 2, .judged = 9}), 0);
	/* one is at no place just now */
	assert_int_equal(look(&l, (struct packet_seen){.queued = 20, .judged = 19}), 0);
	assert_int_equal(look(&l, (struct packet_seen){.queued = 20, .judged = 20}), 0);
	assert_int_equal(l.told[PACKET_LOSS_DROPPED] + l.told[PACKET_LOSS_PASSED], 0);
}

static void what_passed_is_told_once(void **state)
{
	(void)state;
	struct packet_losses l = {.looked_us = {A, A}};
	struct packet_seen seen = {.queued = 9, .judged = 4, .unjudged = 5, .at_us = B};
	assert_int_equal(look(&l, seen), 0);
	seen.at_us = C;
	assert_int_equal(look(&l, seen), 1);
	assert_int_equal(told[0].kind, PACKET_LOSS_PASSED);
	assert_int_equal(told[0].count, 5);
	assert_int_equal(told[0].since_us, A);
	assert_int_equal(look(&l, seen), 0);
	seen = (struct packet_seen){.queued = 10, .judged = 4, .unjudged = 6, .at_us = D};
	assert_int_equal(look(&l, seen), 0);
	assert_int_equal(look(&l, seen), 1);
	assert_int_equal(told[0].count, 1);
	assert_int_equal(told[0].since_us, C);
	assert_int_equal(l.told[PACKET_LOSS_PASSED], 6);
}

static void what_was_dropped_is_told_when_two_looks_agree(void **state)
{
	(void)state;
	struct packet_losses l = {.looked_us = {A, A}};
	struct packet_seen seen = {.queued = 9, .judged = 4, .refused = 5, .at_us = B};
	assert_int_equal(look(&l, seen), 0);
	seen.at_us = C;
	assert_int_equal(look(&l, seen), 1);
	assert_int_equal(told[0].kind, PACKET_LOSS_DROPPED);
	assert_int_equal(told[0].count, 5);
	assert_int_equal(told[0].since_us, A);
	assert_false(told[0].was_away);
	assert_int_equal(look(&l, seen), 0);
}

static void what_no_queue_refused_is_not_lost_while_the_role_was_there(void **state)
{
	(void)state;
	struct packet_losses l = {.looked_us = {A, A}};
	struct packet_seen seen = {.queued = 9, .judged = 8, .at_us = B};
	for (int i = 0; i < 3; i++)
		assert_int_equal(look(&l, seen), 0);
	/* of seven that are missing the queue refused five */
	seen.queued = 20;
	seen.judged = 13;
	seen.refused = 5;
	for (int i = 0; i < 3; i++)
		(void)look(&l, seen);
	assert_int_equal(l.told[PACKET_LOSS_DROPPED], 5);
	assert_int_equal(look(&l, seen), 0);
}

static void what_was_missing_when_the_role_died_is_lost_and_its_new_queue_counts_anew(void **state)
{
	(void)state;
	struct packet_losses l = {.looked_us = {A, A}};
	struct packet_seen seen = {.queued = 9, .judged = 6, .refused = 3, .at_us = B};
	assert_int_equal(look(&l, seen), 0);
	seen = (struct packet_seen){.queued = 30, .judged = 6, .at_us = C, .is_away = true};
	assert_int_equal(look(&l, seen), 1);
	assert_int_equal(told[0].count, 3);
	seen = (struct packet_seen){.queued = 40, .judged = 10, .refused = 1, .at_us = D};
	assert_int_equal(look(&l, seen), 1);
	assert_int_equal(told[0].count, 21);
	assert_true(told[0].was_away);
	seen = (struct packet_seen){.queued = 60, .judged = 28, .refused = 2, .at_us = D};
	assert_int_equal(look(&l, seen), 1);
	assert_int_equal(told[0].count, 6);
	assert_int_equal(look(&l, seen), 1);
	assert_int_equal(told[0].count, 1);
	assert_int_equal(l.told[PACKET_LOSS_DROPPED], 31);
}

static void why_is_known_of_both_looks(void **state)
{
	(void)state;
	struct packet_losses l = {0};
	struct packet_seen seen = {.queued = 9, .judged = 4, .unjudged = 2};
	assert_int_equal(look(&l, seen), 0);
	/* that it died is known later than what came of it */
	seen.is_away = true;
	assert_int_equal(look(&l, seen), 2);
	assert_int_equal(told[0].kind, PACKET_LOSS_DROPPED);
	assert_int_equal(told[0].count, 3);
	assert_true(told[0].was_away && told[1].was_away);
	seen.is_away = false;
	seen.unjudged = 5;
	assert_int_equal(look(&l, seen), 0);
	assert_int_equal(look(&l, seen), 1);
	assert_false(told[0].was_away);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_while_all_is_judged_waits_or_is_on_its_way),
		cmocka_unit_test(what_passed_is_told_once),
		cmocka_unit_test(what_was_dropped_is_told_when_two_looks_agree),
		cmocka_unit_test(what_no_queue_refused_is_not_lost_while_the_role_was_there),
		cmocka_unit_test(
			what_was_missing_when_the_role_died_is_lost_and_its_new_queue_counts_anew),
		cmocka_unit_test(why_is_known_of_both_looks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
