#include "tests/capture_bytes.h"
#include "tests/test.h"
#include "wire/pcap.h"

static struct capture_writer w;
static const uint32_t micro = 0xa1b2c3d4, nano = 0xa1b23c4d, kuznetzov = 0xa1b2cd34;

static struct pcap open_ok(void)
{
	struct pcap p;
	assert_int_equal(pcap_open(capture_view(&w), &p), OK);
	return p;
}

static void records_of_both_byte_orders_and_clocks_are_read(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		w.is_swapped = i & 1;
		bool is_nano = i & 2;
		capture_pcap_header(&w, is_nano ? nano : micro,
		                    0x14000001); /* with a check sequence */
		capture_pcap_record(&w, 1700000000, is_nano ? 5000 : 5, view_text("frame"), 100);
		struct pcap p = open_ok();
		struct capture_packet packet;
		size_t size;
		struct view rest = view_skip(capture_view(&w), PCAP_HEADER_SIZE);
		assert_int_equal(pcap_next(&p, rest, &packet, &size), OK);
		assert_int_equal(size, rest.size);
		assert_true(view_is(packet.bytes, "frame"));
		assert_int_equal(packet.time_us, INT64_C(1700000000000005));
		assert_int_equal(packet.link, 1);
		for (size_t n = 0; n < rest.size; n++)
			assert_int_equal(pcap_next(&p, view_of(rest.bytes, n), &packet, &size),
			                 ERR_TRUNCATED);
	}
}

static void records_with_longer_headers_are_read(void **state)
{
	(void)state;
	w.is_swapped = false;
	capture_pcap_header(&w, kuznetzov, 113);
	capture_put32(&w, 1);
	capture_put32(&w, 2);
	capture_put32(&w, 3);
	capture_put32(&w, 3);
	capture_put(&w, view_of("\1\0\0\0\10\0\4\0abc", 11));
	struct pcap p = open_ok();
	struct capture_packet packet;
	size_t size;
	assert_int_equal(pcap_next(&p, view_skip(capture_view(&w), 24), &packet, &size), OK);
	assert_true(view_is(packet.bytes, "abc"));
	assert_int_equal(packet.link, 113);
}

static void other_files_are_none(void **state)
{
	(void)state;
	struct pcap p;
	w.is_swapped = false;
	capture_pcap_header(&w, micro, 1);
	for (size_t n = 0; n < PCAP_HEADER_SIZE; n++)
		assert_int_equal(pcap_open(view_of(w.bytes, n), &p), ERR_TRUNCATED);
	w.bytes[4] = 3;
	assert_int_equal(pcap_open(capture_view(&w), &p), ERR_VERSION);
	assert_int_equal(pcap_open(view_text("no capture at all, but text"), &p), ERR_MALFORMED);
	assert_false(pcap_is(view_text("no")));
}

static void a_record_that_lies_about_its_length_is_left_out(void **state)
{
	(void)state;
	w.is_swapped = false;
	capture_pcap_header(&w, micro, 1);
	size_t bad = w.size;
	capture_pcap_record(&w, 1000, 0, view_text("bad"), 3);
	memset(w.bytes + bad + 8, 0xff, 4);
	size_t good = w.size;
	for (uint32_t i = 0; i < 4; i++)
		capture_pcap_record(&w, 1001 + i, i, view_text("good packet"), 11);
	struct pcap p = open_ok();
	struct capture_packet packet;
	size_t size, skip;
	struct view rest = view_skip(capture_view(&w), bad);
	assert_int_equal(pcap_next(&p, rest, &packet, &size), ERR_MALFORMED);
	assert_int_equal(pcap_find(&p, rest, 1000 * INT64_C(1000000), &skip), OK);
	assert_int_equal(skip, good - bad);
	/* at another time of day such records are not believed */
	assert_int_equal(pcap_find(&p, rest, 9000000 * INT64_C(1000000), &skip), ERR_TRUNCATED);
}

static void a_hole_in_a_file_holds_no_records(void **state)
{
	(void)state;
	static const uint8_t hole[256];
	w.is_swapped = false;
	capture_pcap_header(&w, micro, 1);
	struct pcap p = open_ok();
	struct capture_packet packet;
	size_t size;
	assert_int_equal(pcap_next(&p, view_of(hole, sizeof(hole)), &packet, &size), ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_both_byte_orders_and_clocks_are_read),
		cmocka_unit_test(records_with_longer_headers_are_read),
		cmocka_unit_test(other_files_are_none),
		cmocka_unit_test(a_record_that_lies_about_its_length_is_left_out),
		cmocka_unit_test(a_hole_in_a_file_holds_no_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
