#include "tests/test.h"
#include "wire/packet_build.h"

static const struct packet_ends four = {.source = {4, {192, 0, 2, 1}},
                                        .destination = {4, {198, 51, 100, 7}},
                                        .source_port = 443,
                                        .destination_port = 50001};
static const struct packet_ends six = {.source = {16, {0x20, 1, 0xd, 0xb8, [15] = 1}},
                                       .destination = {16, {0x20, 1, 0xd, 0xb8, [15] = 2}},
                                       .source_port = 53,
                                       .destination_port = 50002};

/* The sum as RFC 1071 s4.1 writes it, 16 bits at a time in network order: another way than inet_sum.h. */
static uint32_t plain_sum(uint32_t sum, const uint8_t *at, size_t size)
{
	for (; size > 1; size -= 2, at += 2)
		sum += (uint32_t)(at[0] << 8 | at[1]);
	if (size)
		sum += (uint32_t)at[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void check_sums(const uint8_t *packet, size_t size, uint8_t protocol)
{
	bool is_v4 = packet[0] >> 4 == 4;
	size_t header = is_v4 ? 20 : 40, from = is_v4 ? 12 : 8;
	if (is_v4)
		assert_int_equal(plain_sum(0, packet, 20), 0xffff);
	uint32_t sum = protocol + (uint32_t)(size - header);
	sum = plain_sum(sum, packet + from, header - from);
	assert_int_equal(plain_sum(sum, packet + header, size - header), 0xffff);
}

static void a_segment_has_right_sums_and_reads_as_it_was_meant(void **state)
{
	(void)state;
	const struct packet_ends *const ends[] = {&four, &six};
	const struct packet_tcp meant = {.sequence = 0xfffffff0,
	                                 .acknowledged = 7,
	                                 .flags = TCP_PSH | TCP_ACK | TCP_FIN,
	                                 .window = 501};
	uint8_t room[256];
	for (size_t i = 0; i < 2; i++) {
		for (size_t payload = 0; payload < 100; payload++) {
			uint8_t bytes[100];
			memset(bytes, (int)(payload * 37 + 1), sizeof(bytes));
			size_t size = packet_build_tcp(ends[i], &meant, view_of(bytes, payload),
			                               room, sizeof(room));
			check_sums(room, size, IP_TCP);
			struct ip_packet ip;
			struct tcp_segment tcp;
			assert_int_equal(ip_parse(view_of(room, size), &ip), OK);
			assert_int_equal(tcp_parse(ip.payload, &tcp), OK);
			assert_true(tcp_is_sum_right(&ip));
			assert_true(address_equal(&ip.source, &ends[i]->source));
			assert_true(address_equal(&ip.destination, &ends[i]->destination));
			assert_int_equal(tcp.source_port, ends[i]->source_port);
			assert_int_equal(tcp.destination_port, ends[i]->destination_port);
			assert_int_equal(tcp.sequence, meant.sequence);
			assert_int_equal(tcp.acknowledged, meant.acknowledged);
			assert_int_equal(tcp.flags, meant.flags);
			assert_int_equal(tcp.window, meant.window);
			assert_true(view_equal(tcp.payload, view_of(bytes, payload)));
		}
	}
}

static void a_datagram_has_right_sums_and_never_none(void **state)
{
	(void)state;
	uint8_t room[64];
	bool was_all_ones = false;
	for (uint32_t value = 0; value < 65536; value++) {
		uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
		const struct packet_ends *ends = value % 2 ? &four : &six;
		size_t size = packet_build_udp(ends, view_of(bytes, 2), room, sizeof(room));
		const uint8_t *sum = room + size - 4;
		assert_true(sum[0] || sum[1]);
		was_all_ones = was_all_ones || (sum[0] == 0xff && sum[1] == 0xff);
		check_sums(room, size, IP_UDP);
	}
	assert_true(was_all_ones);
}

static void what_does_not_fit_is_not_written(void **state)
{
	(void)state;
	static uint8_t room[70000], large[65536];
	struct packet_tcp reset = {.flags = TCP_RST};
	struct view none = {0};
	assert_int_equal(packet_build_tcp(&four, &reset, none, room, 40), 40);
	assert_int_equal(packet_build_tcp(&four, &reset, none, room, 39), 0);
	assert_int_equal(packet_build_tcp(&six, &reset, none, room, 60), 60);
	assert_int_equal(packet_build_tcp(&six, &reset, none, room, 59), 0);
	assert_int_equal(packet_build_udp(&six, none, room, 47), 0);
	assert_int_equal(packet_build_udp(&four, view_of(large, 65535 - 28), room, sizeof(room)),
	                 65535);
	assert_int_equal(packet_build_udp(&four, view_of(large, 65535 - 27), room, sizeof(room)),
	                 0);
	assert_int_equal(packet_build_udp(&six, view_of(large, 65535 - 8), room, sizeof(room)),
	                 65575);
	assert_int_equal(packet_build_udp(&six, view_of(large, 65535 - 7), room, sizeof(room)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_has_right_sums_and_reads_as_it_was_meant),
		cmocka_unit_test(a_datagram_has_right_sums_and_never_none),
		cmocka_unit_test(what_does_not_fit_is_not_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
