#include <stdlib.h>

#include "flow/fragment.h"
#include "tests/flow_world.h"
#include "tests/test.h"

/* A DNS query for bad.example to port 53, as it lies in a datagram. */
static const char query[] = "\x9c\x40\0\x35\0\x25\0\0\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03"
			    "bad\x07"
			    "example\0\0\x01\0\x01";
enum { QUERY_SIZE = sizeof(query) - 1 };

static struct world w;

static int open_world(void **state)
{
	(void)state;
	struct flow_limits limits = world_limits();
	world_open(&w, &limits);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static struct view make_v4(size_t from, size_t to, bool has_more, const char *bytes)
{
	struct packet_text t = {0};
	size_t header = packet_write_ip(&t, IP_UDP, to - from, w.packet);
	packet_put16(w.packet + 4, 77);
	packet_put16(w.packet + 6, (uint32_t)(has_more ? 0x2000 : 0) | (uint32_t)from / 8);
	ip4_set_checksum(w.packet, header);
	memcpy(w.packet + header, bytes + from, to - from);
	return view_of(w.packet, header + to - from);
}

static struct view make_v6(size_t from, size_t to, bool has_more, const char *bytes)
{
	struct packet_text t = {.is_v6 = true};
	size_t header = packet_write_ip(&t, IP_IPV6_FRAGMENT, 8 + to - from, w.packet);
	memcpy(w.packet + header, (uint8_t[]){IP_UDP, 0, 0, 0, 0, 0, 0, 9}, 8);
	packet_put16(w.packet + header + 2, (uint32_t)(from | has_more));
	memcpy(w.packet + header + 8, bytes + from, to - from);
	return view_of(w.packet, header + 8 + to - from);
}

static void fragments_in_any_order_are_judged_together(void **state)
{
	(void)state;
	world_take(&w, make_v4(24, QUERY_SIZE, false, query));
	assert_took(FLOW_PASS, FLOW_WHY_FRAGMENT);
	world_take(&w, make_v4(0, 8, true, query));
	assert_took(FLOW_PASS, FLOW_WHY_FRAGMENT);
	world_take(&w, make_v4(8, 24, true, query));
	assert_took(FLOW_DROP, FLOW_WHY_RULED);
	assert_string_equal(w.last, "bad.example");
}

static void fragments_of_ipv6_too(void **state)
{
	(void)state;
	char summed[QUERY_SIZE];
	struct packet_text t = {
		.is_v6 = true, .server_port = 53, .payload = view_of(query + 8, QUERY_SIZE - 8)};
	struct view whole = packet_udp(&t, w.packet);
	memcpy(summed, whole.bytes + 40, QUERY_SIZE);
	world_take(&w, make_v6(0, 16, true, summed));
	assert_took(FLOW_PASS, FLOW_WHY_FRAGMENT);
	world_take(&w, make_v6(16, QUERY_SIZE, false, summed));
	assert_took(FLOW_DROP, FLOW_WHY_RULED);
}

static void what_overlaps_with_other_bytes_or_borders_is_dropped(void **state)
{
	(void)state;
	char other[QUERY_SIZE];
	memcpy(other, query, QUERY_SIZE);
	memset(other + 20, 'x', 4);
	world_take(&w, make_v4(8, 24, true, query));
	world_take(&w, make_v4(8, 24, true, query));
	assert_took(FLOW_PASS, FLOW_WHY_FRAGMENT);
	world_take(&w, make_v4(8, 24, true, other));
	assert_took(FLOW_DROP, FLOW_WHY_FRAGMENT);
	world_take(&w, make_v4(16, 32, true, query));
	assert_took(FLOW_DROP, FLOW_WHY_FRAGMENT);
	world_take(&w, make_v4(8, 16, false, query)); /* would end before what is there */
	assert_took(FLOW_DROP, FLOW_WHY_FRAGMENT);
	world_take(&w, make_v4(24, QUERY_SIZE, false, query));
	world_take(&w, make_v4(24, QUERY_SIZE - 1, false, query));
	assert_took(FLOW_DROP, FLOW_WHY_FRAGMENT);
	world_take(&w, make_v4(0, 8, true, query));
	assert_took(FLOW_DROP, FLOW_WHY_RULED);
}

static void nothing_of_a_complete_datagram_is_sent_again_otherwise(void **state)
{
	(void)state;
	char other[QUERY_SIZE];
	memcpy(other, query, QUERY_SIZE);
	other[22] = 'B';
	world_take(&w, make_v4(0, 24, true, other));
	world_take(&w, make_v4(24, QUERY_SIZE, false, other));
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_take(&w, make_v4(0, 24, true, query));
	assert_took(FLOW_DROP, FLOW_WHY_FRAGMENT);
	w.now_us += FRAGMENTS_TIME_US + 1;
	world_take(&w, make_v4(0, 24, true, query));
	assert_took(FLOW_PASS, FLOW_WHY_FRAGMENT);
}

static void what_is_forgotten_gives_its_bytes_back(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 2 * FRAGMENTS_DATAGRAMS; i++) {
		struct view p = make_v4(0, 24, true, query);
		packet_put16(w.packet + 4, i);
		ip4_set_checksum(w.packet, 20);
		world_take(&w, p);
		assert_took(FLOW_PASS, FLOW_WHY_FRAGMENT);
	}
	assert_int_equal(flow_table_state(w.table).held, FRAGMENTS_DATAGRAMS * POOL_CHUNK_SIZE);
	flow_tick(w.table, w.now_us + 2 * (int64_t)FRAGMENTS_TIME_US);
	assert_int_equal(flow_table_state(w.table).held, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fragments_in_any_order_are_judged_together),
		TEST(fragments_of_ipv6_too),
		TEST(what_overlaps_with_other_bytes_or_borders_is_dropped),
		TEST(nothing_of_a_complete_datagram_is_sent_again_otherwise),
		TEST(what_is_forgotten_gives_its_bytes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
