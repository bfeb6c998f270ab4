#include "flow/readings.h"
#include "tests/test.h"

enum { SEEN_MAX = 64 };

struct seen {
	char texts[SEEN_MAX][32];
	unsigned count;
	const char *enough, *end; /* what begins so is enough, or ends all */
};

static enum reading_step see(void *context, struct view bytes, bool is_end)
{
	struct seen *s = context;
	if (is_end) {
		assert_true(s->count < SEEN_MAX && bytes.size < sizeof(s->texts[0]));
		if (bytes.size)
			memcpy(s->texts[s->count], bytes.bytes, bytes.size);
		s->texts[s->count++][bytes.size] = '\0';
	}
	if (s->end && view_starts_with(bytes, view_text(s->end)))
		return READING_END;
	return s->enough && view_starts_with(bytes, view_text(s->enough)) ? READING_ENOUGH
	                                                                  : READING_MORE;
}

static bool has_seen(const struct seen *s, const char *text)
{
	for (unsigned i = 0; i < s->count; i++)
		if (strcmp(s->texts[i], text) == 0)
			return true;
	return false;
}

static uint8_t room[32];

static struct readings of(const struct reading_piece *pieces, unsigned count)
{
	return (struct readings){.pieces = pieces,
	                         .count = count,
	                         .room = room,
	                         .room_size = sizeof(room),
	                         .limit = 16};
}

#define PIECE(at, text)                                           \
	{                                                         \
		at,                                               \
		{                                                 \
			(const uint8_t *)(text), sizeof(text) - 1 \
		}                                                 \
	}

static void nothing_is_one_empty_reading(void **state)
{
	(void)state;
	struct seen s = {0};
	struct readings r = of(NULL, 0);
	assert_int_equal(readings_visit(&r, see, &s), OK);
	assert_int_equal(s.count, 1);
	assert_string_equal(s.texts[0], "");
}

static enum reading_step see_place(void *context, struct view bytes, bool is_end)
{
	assert_true(is_end);
	*(const uint8_t **)context = bytes.bytes;
	return READING_MORE;
}

static void one_piece_is_read_where_it_lies(void **state)
{
	(void)state;
	const struct reading_piece p[] = {PIECE(0, "abc")};
	struct readings r = of(p, 1);
	const uint8_t *place = NULL;
	assert_int_equal(readings_visit(&r, see_place, &place), OK);
	assert_ptr_equal(place, p[0].bytes.bytes);
}

static void pieces_in_any_order_are_one_reading_up_to_the_first_gap(void **state)
{
	(void)state;
	const struct reading_piece p[] = {PIECE(6, "gh"), PIECE(2, "cd"), PIECE(0, "abc"),
	                                  PIECE(9, "z")};
	struct seen s = {0};
	struct readings r = of(p, 4);
	assert_int_equal(readings_visit(&r, see, &s), OK);
	assert_int_equal(s.count, 1);
	assert_string_equal(s.texts[0], "abcd");
}

static void other_bytes_for_a_place_are_another_reading(void **state)
{
	(void)state;
	const struct reading_piece p[] = {PIECE(0, "abcd"), PIECE(1, "BC"), PIECE(2, "x"),
	                                  PIECE(0, "a")};
	struct seen s = {0};
	struct readings r = of(p, 4);
	assert_int_equal(readings_visit(&r, see, &s), OK);
	assert_int_equal(s.count, 6);
	const char *all[] = {"abcd", "aBcd", "abCd", "aBCd", "abxd", "aBxd"};
	for (int i = 0; i < 6; i++)
		assert_true(has_seen(&s, all[i]));
}

static void a_gap_may_be_in_some_readings_only_of_other_length(void **state)
{
	(void)state;
	const struct reading_piece p[] = {PIECE(0, "ab"), PIECE(0, "xyz")};
	struct seen s = {0};
	struct readings r = of(p, 2);
	assert_int_equal(readings_visit(&r, see, &s), OK);
	assert_true(has_seen(&s, "abz") && has_seen(&s, "xyz"));
}

static void a_byte_that_may_be_left_out_is_read_both_ways(void **state)
{
	(void)state;
	const struct reading_piece p[] = {PIECE(0, "abc")};
	struct seen s = {0};
	struct readings r = of(p, 1);
	r.absent[r.absent_count++] = 1;
	r.absent[r.absent_count++] = 7; /* not there yet */
	assert_int_equal(readings_visit(&r, see, &s), OK);
	assert_int_equal(s.count, 2);
	assert_true(has_seen(&s, "abc") && has_seen(&s, "ac"));
}

static void what_is_known_is_not_read_on(void **state)
{
	(void)state;
	const struct reading_piece p[] = {PIECE(0, "abcd"), PIECE(0, "x"), PIECE(3, "y")};
	struct seen s = {.enough = "x"};
	struct readings r = of(p, 3);
	assert_int_equal(readings_visit(&r, see, &s), OK);
	assert_true(has_seen(&s, "abcd") && has_seen(&s, "abcy"));
	assert_false(has_seen(&s, "xbcd"));
}

static void the_visitor_may_end_it(void **state)
{
	(void)state;
	const struct reading_piece p[] = {PIECE(0, "abcd"), PIECE(0, "x"), PIECE(3, "y")};
	struct seen s = {.end = "a"};
	struct readings r = of(p, 3);
	assert_int_equal(readings_visit(&r, see, &s), ERR_DENIED);
	assert_int_equal(s.count, 0);
}

static void too_many_readings_are_too_many(void **state)
{
	(void)state;
	const struct reading_piece p[] = {PIECE(0, "aaaaa"), PIECE(0, "b"), PIECE(1, "b"),
	                                  PIECE(2, "b"),     PIECE(3, "b"), PIECE(4, "b")};
	struct seen s = {0};
	struct readings r = of(p, 5);
	assert_int_equal(readings_visit(&r, see, &s), OK);
	assert_int_equal(s.count, 16);
	r = of(p, 6);
	s.count = 0;
	assert_int_equal(readings_visit(&r, see, &s), ERR_LIMIT);
	r.limit = 32;
	s.count = 0;
	assert_int_equal(readings_visit(&r, see, &s), OK);
}

static void a_reading_that_does_not_fit_is_too_large(void **state)
{
	(void)state;
	const struct reading_piece p[] = {PIECE(0, "0123456789abcdef"),
	                                  PIECE(16, "0123456789abcdefg")};
	struct seen s = {0};
	struct readings r = of(p, 2);
	assert_int_equal(readings_visit(&r, see, &s), ERR_LIMIT);
}

static void what_is_visited_again_is_bounded(void **state)
{
	(void)state;
	struct reading_piece pieces[] = {PIECE(0, "abcdefgh"), PIECE(0, "x"), PIECE(7, "y")};
	struct seen s = {0};
	struct readings r = of(pieces, 3);
	size_t work = 1000;
	r.work = &work;
	assert_int_equal(readings_visit(&r, see, &s), OK);
	assert_int_equal(s.count, 4);
	size_t used = 1000 - work; /* four readings of 8, and what they have in common */
	assert_true(used >= 32 && used <= 64);
	work = used;
	assert_int_equal(readings_visit(&r, see, &s), OK);
	work = used - 1;
	assert_int_equal(readings_visit(&r, see, &s), ERR_LIMIT);
	/* without contradictions nothing is visited again */
	struct reading_piece plain[] = {PIECE(0, "abcd"), PIECE(4, "efgh")};
	r = of(plain, 2);
	work = 0;
	r.work = &work;
	assert_int_equal(readings_visit(&r, see, &s), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_one_empty_reading),
		cmocka_unit_test(one_piece_is_read_where_it_lies),
		cmocka_unit_test(pieces_in_any_order_are_one_reading_up_to_the_first_gap),
		cmocka_unit_test(other_bytes_for_a_place_are_another_reading),
		cmocka_unit_test(a_gap_may_be_in_some_readings_only_of_other_length),
		cmocka_unit_test(a_byte_that_may_be_left_out_is_read_both_ways),
		cmocka_unit_test(what_is_known_is_not_read_on),
		cmocka_unit_test(the_visitor_may_end_it),
		cmocka_unit_test(too_many_readings_are_too_many),
		cmocka_unit_test(a_reading_that_does_not_fit_is_too_large),
		cmocka_unit_test(what_is_visited_again_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
