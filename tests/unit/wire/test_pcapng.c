#include "tests/capture_bytes.h"
#include "tests/test.h"
#include "wire/pcapng.h"

static struct capture_writer w;
static struct pcapng p;

/* The next block that holds a packet; its time. */
static int next_packet(struct view *rest, struct capture_packet *ret)
{
	int r = OK;
	*ret = (struct capture_packet){0};
	while (r == OK && rest->size && !ret->bytes.bytes) {
		size_t size;
		r = pcapng_next(&p, *rest, ret, &size);
		*rest = view_skip(*rest, size);
	}
	return r;
}

static void begin(bool is_swapped)
{
	w.is_swapped = is_swapped;
	w.size = 0;
	pcapng_open(&p);
	capture_section(&w);
}

static void packets_have_the_link_and_clock_of_their_interface(void **state)
{
	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		begin(swapped);
		capture_interface(&w, 1, 0, 0);
		capture_interface(&w, 101, 9, 0);
		capture_interface(&w, 113, 0x80 | 10, 100);
		capture_block(&w, 4, view_text("names"));
		capture_enhanced(&w, 0, 1500000, view_text("one"));
		capture_enhanced(&w, 1, UINT64_C(1500000000), view_text("two"));
		capture_enhanced(&w, 2, 1536, view_text("three"));
		struct view rest = capture_view(&w);
		static const uint16_t links[] = {1, 101, 113};
		static const int64_t times[] = {1500000, 1500000, 101500000};
		for (int i = 0; i < 3; i++) {
			struct capture_packet packet;
			assert_int_equal(next_packet(&rest, &packet), OK);
			assert_int_equal(packet.link, links[i]);
			assert_int_equal(packet.time_us, times[i]);
		}
		assert_int_equal(rest.size, 0);
	}
}

static void old_and_simple_blocks_are_read(void **state)
{
	(void)state;
	struct capture_packet packet;
	begin(false);
	capture_interface(&w, 1, 0, 0);
	capture_block(&w, 3, view_of("\4\0\0\0four", 8));
	capture_block(&w, 2, view_of("\0\0\0\0\0\0\0\0\7\0\0\0\3\0\0\0\3\0\0\0old", 23));
	struct view rest = capture_view(&w);
	assert_int_equal(next_packet(&rest, &packet), OK);
	assert_true(view_is(packet.bytes, "four"));
	assert_true(packet.time_us == INT64_MIN);
	assert_int_equal(next_packet(&rest, &packet), OK);
	assert_true(view_is(packet.bytes, "old"));
	assert_int_equal(packet.time_us, 7);
}

static void a_new_section_has_interfaces_of_its_own(void **state)
{
	(void)state;
	struct capture_packet packet;
	begin(false);
	capture_interface(&w, 1, 0, 0);
	w.is_swapped = true;
	capture_section(&w);
	capture_enhanced(&w, 0, 1, view_text("lost"));
	size_t at = w.size;
	capture_interface(&w, 101, 0, 0);
	capture_enhanced(&w, 0, 2, view_text("kept"));
	struct view rest = capture_view(&w);
	assert_int_equal(next_packet(&rest, &packet), ERR_MALFORMED);
	assert_int_equal(rest.size, w.size - at); /* only that block is lost */
	assert_int_equal(next_packet(&rest, &packet), OK);
	assert_int_equal(packet.link, 101);
}

static void every_part_of_a_packet_is_truncated(void **state)
{
	(void)state;
	struct capture_packet packet;
	size_t size;
	begin(false);
	capture_interface(&w, 1, 0, 0);
	struct view rest = capture_view(&w);
	assert_int_equal(next_packet(&rest, &packet), OK);
	size_t from = w.size;
	capture_enhanced(&w, 0, 1, view_text("packet"));
	for (size_t n = 0; n < w.size - from; n++)
		assert_int_equal(pcapng_next(&p, view_of(w.bytes + from, n), &packet, &size),
		                 ERR_TRUNCATED);
}

static void a_lying_length_is_malformed_and_the_next_block_is_found(void **state)
{
	(void)state;
	struct capture_packet packet;
	size_t skip;
	begin(false);
	capture_interface(&w, 1, 0, 0);
	size_t bad = w.size;
	capture_enhanced(&w, 0, 1, view_text("packet"));
	w.bytes[bad + 4] += 1;
	size_t good = w.size;
	capture_enhanced(&w, 0, 2, view_text("packet"));
	struct view rest = capture_view(&w);
	assert_int_equal(next_packet(&rest, &packet), ERR_MALFORMED);
	assert_int_equal(rest.size, w.size - bad);
	rest = view_skip(rest, 1);
	assert_int_equal(pcapng_find(&p, rest, &skip), OK);
	assert_int_equal(skip, good - bad - 1);
}

static void a_block_that_is_skipped_may_be_longer_than_what_is_there(void **state)
{
	(void)state;
	struct capture_packet packet;
	size_t size;
	begin(false);
	capture_put32(&w, 10);
	capture_put32(&w, 1 << 30);
	capture_put32(&w, 0);
	struct view rest = view_skip(capture_view(&w), 28);
	assert_int_equal(pcapng_next(&p, capture_view(&w), &packet, &size), OK);
	assert_int_equal(pcapng_next(&p, rest, &packet, &size), OK);
	assert_int_equal(size, 1 << 30);
	assert_null(packet.bytes.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_have_the_link_and_clock_of_their_interface),
		cmocka_unit_test(old_and_simple_blocks_are_read),
		cmocka_unit_test(a_new_section_has_interfaces_of_its_own),
		cmocka_unit_test(every_part_of_a_packet_is_truncated),
		cmocka_unit_test(a_lying_length_is_malformed_and_the_next_block_is_found),
		cmocka_unit_test(a_block_that_is_skipped_may_be_longer_than_what_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
