#include "tests/packets.h"
#include "tests/test.h"
#include "wire/udp.h"

static void a_datagram_ends_where_it_says(void **state)
{
	(void)state;
	struct udp_datagram d;
	assert_int_equal(udp_parse(view_of("\x9c\x40\0\x35\0\x0b\0\0"
	                                   "askmore",
	                                   15),
	                           &d),
	                 OK);
	assert_int_equal(d.source_port, 40000);
	assert_int_equal(d.destination_port, 53);
	assert_true(view_is(d.payload, "ask"));
	assert_int_equal(udp_parse(view_of("\x9c\x40\0\x35\0\x0b\0\0"
	                                   "as",
	                                   10),
	                           &d),
	                 ERR_MALFORMED);
	assert_int_equal(udp_parse(view_of("\x9c\x40\0\x35\0\x07\0\0", 8), &d), ERR_MALFORMED);
	assert_int_equal(udp_parse(view_of("\x9c\x40\0\x35\0\x08\0", 7), &d), ERR_MALFORMED);
}

static void the_sum_may_be_left_out_in_ipv4_only(void **state)
{
	(void)state;
	static uint8_t room[PACKET_ROOM];
	for (int v6 = 0; v6 < 2; v6++) {
		struct packet_text t = {.is_v6 = v6, .payload = view_text("ask")};
		struct view packet = packet_udp(&t, room);
		struct ip_packet ip;
		assert_int_equal(ip_parse(packet, &ip), OK);
		assert_true(udp_is_sum_right(&ip));
		room[packet.size - 1] ^= 1;
		assert_false(udp_is_sum_right(&ip));
		memset(room + ip.header_size + 6, 0, 2);
		assert_int_equal(udp_is_sum_right(&ip), !v6);
	}
}

static void bytes_behind_the_datagram_are_not_summed(void **state)
{
	(void)state;
	static uint8_t room[PACKET_ROOM];
	struct packet_text t = {.payload = view_text("ask")};
	struct view packet = packet_udp(&t, room);
	struct ip_packet ip;
	room[packet.size] = 'x';
	packet_put16(room + 2, (uint32_t)packet.size + 1);
	ip4_set_checksum(room, 20);
	assert_int_equal(ip_parse(view_of(room, packet.size + 1), &ip), OK);
	assert_int_equal(ip.payload.size, 12);
	assert_true(udp_is_sum_right(&ip));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_datagram_ends_where_it_says),
		cmocka_unit_test(the_sum_may_be_left_out_in_ipv4_only),
		cmocka_unit_test(bytes_behind_the_datagram_are_not_summed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
