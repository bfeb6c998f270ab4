#include "gate/packet/bridge_ways.h"
#include "tests/test.h"
#include "wire/ip.h"

enum { PACKET_SIZE = IP4_HEADER_SIZE };

static struct view packet_of(uint32_t source, uint32_t destination,
                             uint8_t room[static PACKET_SIZE])
{
	uint8_t header[PACKET_SIZE] = {0x45, 0, 0, PACKET_SIZE, 0, 0, 0, 0, 64, IP_UDP};
	for (int i = 0; i < 4; i++) {
		header[12 + i] = (uint8_t)(source >> (24 - 8 * i));
		header[16 + i] = (uint8_t)(destination >> (24 - 8 * i));
	}
	ip4_set_checksum(header, sizeof(header));
	memcpy(room, header, sizeof(header));
	return view_of(room, sizeof(header));
}

enum { CLIENT = 0x0a000001, SERVER = 0xcb007101, OTHER = 0xcb007102 };

static void the_way_to_a_server_is_where_it_was_heard_last(void **state)
{
	(void)state;
	static struct bridge_ways b;
	static const uint8_t first[6] = {2, 0, 0, 0, 0, 1}, second[6] = {2, 0, 0, 0, 0, 2};
	uint8_t room[PACKET_SIZE];
	assert_null(bridge_ways_find(&b, packet_of(CLIENT, SERVER, room)));
	bridge_ways_learn(&b, packet_of(SERVER, CLIENT, room), 7, view_of(first, 6));
	const struct bridge_way *way = bridge_ways_find(&b, packet_of(CLIENT, SERVER, room));
	assert_non_null(way);
	assert_int_equal(way->port, 7);
	assert_int_equal(way->hardware_size, 6);
	assert_memory_equal(way->hardware, first, 6);
	bridge_ways_learn(&b, packet_of(SERVER, CLIENT, room), 8, view_of(second, 6));
	way = bridge_ways_find(&b, packet_of(CLIENT, SERVER, room));
	assert_int_equal(way->port, 8);
	assert_memory_equal(way->hardware, second, 6);
	assert_null(bridge_ways_find(&b, packet_of(CLIENT, OTHER, room)));
	assert_null(bridge_ways_find(&b, packet_of(SERVER, CLIENT, room)));
}

static void what_is_no_packet_or_no_hardware_address_teaches_nothing(void **state)
{
	(void)state;
	static struct bridge_ways b;
	static const uint8_t long_one[BRIDGE_HARDWARE_MAX + 1];
	uint8_t room[PACKET_SIZE];
	struct view packet = packet_of(SERVER, CLIENT, room);
	bridge_ways_learn(&b, packet, 7, view_of(long_one, sizeof(long_one)));
	bridge_ways_learn(&b, view_of(packet.bytes, packet.size - 1), 7, view_of(long_one, 6));
	assert_null(bridge_ways_find(&b, packet_of(CLIENT, SERVER, room)));
	assert_null(bridge_ways_find(&b, view_of(room, 3)));
}

static void many_servers_take_no_more_room_and_are_never_mistaken(void **state)
{
	(void)state;
	static struct bridge_ways b;
	static const uint8_t hardware[6] = {2};
	uint8_t room[PACKET_SIZE];
	size_t found = 0;
	for (uint32_t i = 0; i < 4 * BRIDGE_WAYS; i++)
		bridge_ways_learn(&b, packet_of(SERVER + i, CLIENT, room), 1 + i,
		                  view_of(hardware, 6));
	for (uint32_t i = 0; i < 4 * BRIDGE_WAYS; i++) {
		const struct bridge_way *way =
			bridge_ways_find(&b, packet_of(CLIENT, SERVER + i, room));
		assert_true(!way || way->port == 1 + i);
		found += way != NULL;
	}
	assert_true(found > 0 && found <= BRIDGE_WAYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way_to_a_server_is_where_it_was_heard_last),
		cmocka_unit_test(what_is_no_packet_or_no_hardware_address_teaches_nothing),
		cmocka_unit_test(many_servers_take_no_more_room_and_are_never_mistaken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
