/* A table that is shown a copy of the packets. */
#include "tests/flow_world.h"
#include "tests/test.h"

static struct world w;
static uint8_t hello_room[HELLO_ROOM];
static struct view hello;

static int open_world(void **state)
{
	(void)state;
	struct flow_limits limits = world_limits();
	limits.is_passive = true;
	limits.on_limit = FLOW_RELEASE;
	limits.packets = 8;
	world_open(&w, &limits);
	hello = hello_write("name.example", 0, hello_room);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static void a_hello_is_released_without_an_answer(void **state)
{
	(void)state;
	world_client(&w, 0, hello); /* the first packet that was captured */
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
	assert_int_equal(w.outcome.protocol, FLOW_TLS);
	assert_string_equal(w.last, "name.example");
	assert_int_equal(flow_table_state(w.table).flows, 0);
}

static void what_the_gate_would_drop_is_read(void **state)
{
	(void)state;
	world_handshake(&w);
	w.defaults.hops = 3;
	w.defaults.has_bad_sum = true;
	w.defaults.has_md5 = true;
	world_client(&w, 0, hello);
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
	assert_string_equal(w.last, "name.example");
}

static void requests_on_one_connection_are_each_heard(void **state)
{
	(void)state;
	struct view one = view_text("GET / HTTP/1.1\r\nHost: one.example\r\n\r\n");
	struct view two = view_text("GET / HTTP/1.1\r\nHost: two.example\r\n\r\n");
	world_handshake(&w);
	world_client(&w, 0, one);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_client(&w, (uint32_t)one.size, two);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	assert_string_equal(w.last, "two.example");
	assert_int_equal(w.judged, 2);
}

static void what_lies_behind_missing_bytes_is_heard_at_the_end(void **state)
{
	(void)state;
	struct view one = view_text("GET / HTTP/1.1\r\nHost: one.example\r\n\r\n");
	struct view two = view_text("GET / HTTP/1.1\r\nHost: two.example\r\n\r\n");
	world_handshake(&w);
	world_client(&w, 0, one);
	world_client(&w, 5000, two);
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	assert_string_equal(w.last, "one.example");
	flow_finish(w.table);
	assert_string_equal(w.last, "two.example");
	assert_int_equal(flow_table_state(w.table).flows, 0);
	assert_int_equal(flow_table_state(w.table).held, 0);
}

static void a_flow_that_is_idle_is_heard_before_it_is_forgotten(void **state)
{
	(void)state;
	world_client(&w, 0, view_of(hello.bytes, hello.size - 3));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	assert_int_equal(w.judged, 0);
	flow_tick(w.table, w.now_us + INT64_C(1000000000));
	assert_string_equal(w.last, "name.example");
}

static void a_connection_in_place_of_another_is_judged(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 0, view_of(hello.bytes, 20));
	struct packet_text t = {.flags = TCP_SYN, .sequence = CLIENT_START + 77777};
	world_tcp(&w, &t);
	world_client(&w, 77777, hello);
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
	assert_string_equal(w.last, "name.example");
}

static void who_asks_for_something_is_the_client(void **state)
{
	(void)state;
	w.defaults.client_port = 80;
	w.defaults.server_port = 8080;
	world_client(&w, 0, view_text("GET / HTTP/1.0\r\nHost: odd.example\r\n\r\n"));
	assert_true(w.outcome.is_from_client);
	assert_string_equal(w.last, "odd.example");
}

static void a_stream_that_is_none_of_ours_is_released(void **state)
{
	(void)state;
	world_client(&w, 0, view_text("\1\2\3\4 nothing known"));
	assert_took(FLOW_RELEASE, FLOW_WHY_MIDDLE);
	assert_int_equal(w.outcome.protocol, FLOW_UNKNOWN);
	assert_int_equal(w.unknown, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_hello_is_released_without_an_answer, open_world,
	                                        close_world),
		cmocka_unit_test_setup_teardown(what_the_gate_would_drop_is_read, open_world,
	                                        close_world),
		cmocka_unit_test_setup_teardown(requests_on_one_connection_are_each_heard,
	                                        open_world, close_world),
		cmocka_unit_test_setup_teardown(what_lies_behind_missing_bytes_is_heard_at_the_end,
	                                        open_world, close_world),
		cmocka_unit_test_setup_teardown(a_flow_that_is_idle_is_heard_before_it_is_forgotten,
	                                        open_world, close_world),
		cmocka_unit_test_setup_teardown(a_connection_in_place_of_another_is_judged,
	                                        open_world, close_world),
		cmocka_unit_test_setup_teardown(who_asks_for_something_is_the_client, open_world,
	                                        close_world),
		cmocka_unit_test_setup_teardown(a_stream_that_is_none_of_ours_is_released,
	                                        open_world, close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
