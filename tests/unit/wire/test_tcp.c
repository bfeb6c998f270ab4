#include "tests/packets.h"
#include "tests/test.h"
#include "wire/tcp.h"

#define HEADER(offset, flags) \
	"\x9c\x40\x01\xbb\x01\x02\x03\x04\x05\x06\x07\x08" offset flags "\x12\x34\0\0\0\x05"

static struct tcp_segment parse_ok(const char *bytes, size_t size)
{
	struct tcp_segment s;
	assert_int_equal(tcp_parse(view_of(bytes, size), &s), OK);
	return s;
}

static void a_segment_without_options_is_read(void **state)
{
	(void)state;
	struct tcp_segment s = parse_ok(HEADER("\x50", "\x38") "abc", 23);
	assert_int_equal(s.source_port, 40000);
	assert_int_equal(s.destination_port, 443);
	assert_int_equal(s.sequence, 0x01020304);
	assert_int_equal(s.acknowledged, 0x05060708);
	assert_int_equal(s.flags, TCP_ACK | TCP_PSH | TCP_URG);
	assert_int_equal(s.window, 0x1234);
	assert_int_equal(s.urgent, 5);
	assert_true(view_is(s.payload, "abc"));
}

static void options_are_read(void **state)
{
	(void)state;
	struct tcp_segment s = parse_ok(
		HEADER("\xa0",
	               "\x02") "\x02\x04\x05\xb4\x04\x02\x08\x0a\0\0\0\x07\0\0\0\x09\x01\x03\x03\x0f",
		40);
	assert_true(s.has_timestamp && s.has_scale);
	assert_int_equal(s.timestamp, 7);
	assert_int_equal(s.timestamp_echo, 9);
	assert_int_equal(s.scale, TCP_SCALE_MAX);
	assert_false(s.has_bad_options || s.has_md5 || s.has_ao);
	s = parse_ok(HEADER("\xa0", "\x10") "\x13\x12"
	                                    "0123456789abcdef\x01\x01",
	             40);
	assert_true(s.has_md5);
	s = parse_ok(HEADER("\x70", "\x02") "\x1d\x04\x01\x01\x22\x02\x01\x00", 28);
	assert_true(s.has_ao);
}

static void the_usual_options_are_read(void **state)
{
	(void)state;
	struct tcp_segment s =
		parse_ok(HEADER("\x80", "\x10") "\x01\x01\x08\x0a\0\0\0\x07\0\0\0\x09"
	                                        "x",
	                 33);
	assert_true(s.has_timestamp);
	assert_int_equal(s.timestamp, 7);
	assert_true(view_is(s.payload, "x"));
}

static void options_that_run_out_are_bad_and_those_behind_the_end_are_none(void **state)
{
	(void)state;
	assert_true(parse_ok(HEADER("\x60", "\x10") "\x01\x01\x08\x0a", 24).has_bad_options);
	assert_true(parse_ok(HEADER("\x60", "\x10") "\x01\x01\x01\x13", 24).has_bad_options);
	assert_true(parse_ok(HEADER("\x60", "\x10") "\x05\x01\x01\x01", 24).has_bad_options);
	assert_true(parse_ok(HEADER("\x60", "\x10") "\x03\x04\x01\x01", 24).has_bad_options);
	assert_false(parse_ok(HEADER("\x60", "\x10") "\0\x08\x0a\x01", 24).has_bad_options);
}

static void every_proper_part_of_a_header_is_malformed(void **state)
{
	(void)state;
	struct tcp_segment s;
	static const char segment[] = HEADER("\x60", "\x10") "\x01\x01\x01\x01";
	for (size_t n = 0; n < 24; n++)
		assert_int_equal(tcp_parse(view_of(segment, n), &s), ERR_MALFORMED);
	assert_int_equal(tcp_parse(view_of(HEADER("\x40", "\x10"), 20), &s), ERR_MALFORMED);
}

static void the_sum_covers_addresses_header_and_payload(void **state)
{
	(void)state;
	static uint8_t room[PACKET_ROOM];
	for (int v6 = 0; v6 < 2; v6++) {
		struct packet_text t = {.is_v6 = v6, .flags = TCP_ACK, .payload = view_text("odd")};
		struct view packet = packet_tcp(&t, room);
		struct ip_packet ip;
		assert_int_equal(ip_parse(packet, &ip), OK);
		assert_true(tcp_is_sum_right(&ip));
		for (size_t at = ip.header_size; at < packet.size; at++) {
			room[at] ^= 0x10;
			assert_false(tcp_is_sum_right(&ip));
			room[at] ^= 0x10;
		}
		room[v6 ? 23 : 15] ^= 1;
		assert_false(tcp_is_sum_right(&ip));
	}
}

static void sequence_numbers_run_round(void **state)
{
	(void)state;
	assert_true(tcp_is_before(0xfffffff0, 4));
	assert_false(tcp_is_before(4, 0xfffffff0));
	assert_false(tcp_is_before(4, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_without_options_is_read),
		cmocka_unit_test(options_are_read),
		cmocka_unit_test(the_usual_options_are_read),
		cmocka_unit_test(options_that_run_out_are_bad_and_those_behind_the_end_are_none),
		cmocka_unit_test(every_proper_part_of_a_header_is_malformed),
		cmocka_unit_test(the_sum_covers_addresses_header_and_payload),
		cmocka_unit_test(sequence_numbers_run_round),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
