#include "tests/gate_packet/scene.h"
#include "tests/test.h"

static struct scene scene;
static uint8_t room[HELLO_SIZE_MAX];

static const char client[] = "192.0.2.10", exempt[] = "192.0.2.99", host[] = "203.0.113.80";

static void check_passes(const struct packet_decision *d)
{
	assert_false(d->is_dropped);
	assert_int_equal(d->reply_count, 0);
	assert_int_not_equal(d->mark & ~(unsigned)PACKET_MARK_COUNTED, PACKET_MARK_REFUSED);
}

static void check_name(const struct event_record *event, const char *name)
{
	struct dname expected = fixture_name(name);
	assert_true(view_equal(view_of(event->name, event->name_size), dname_view(&expected)));
}

/* The last of so many. */
static const struct event_record *event(size_t count)
{
	assert_int_equal(scene.event_count, count);
	assert_true(event_record_is_valid(&scene.events[count - 1]));
	return &scene.events[count - 1];
}

/* Until the server has shown that it heard the hello. */
static void say_hello(struct talk *t, const char *name)
{
	check_passes(talk_client(t, hello_write(name, room)));
	check_passes(talk_server(t, hello_write(NULL, room)));
}

static bool is_refused(struct talk *t, const char *name)
{
	return talk_client(t, hello_write(name, room))->is_dropped;
}

static void a_banned_name_is_dropped_written_down_and_reset_at_both_ends(void **state)
{
	(void)state;
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 443);
	uint32_t before = t.client_next;
	assert_true(is_refused(&t, "chat.BANNED.example"));
	assert_int_equal(scene.decision.mark, PACKET_MARK_REFUSED | PACKET_MARK_COUNTED);
	struct tcp_segment to_client = scene_reply(&scene, 0, true);
	struct tcp_segment to_server = scene_reply(&scene, 1, false);
	assert_true(to_client.flags & TCP_RST);
	assert_int_equal(to_client.sequence, t.server_next);
	assert_int_equal(to_client.acknowledged, t.client_next);
	assert_int_equal(to_client.source_port, 443);
	assert_true(to_server.flags & TCP_RST);
	assert_int_equal(to_server.sequence, before);
	assert_int_equal(to_server.source_port, 40000);
	const struct event_record *e = event(1);
	check_name(e, "chat.banned.example");
	assert_int_equal(e->verdict, EVENT_BLOCK);
	assert_int_equal(e->reason, REASON_PROHIBITED);
	assert_int_equal(e->transport, EVENT_TRANSPORT_TLS);
	assert_int_equal(e->gate, EVENT_GATE_PACKET);
	assert_int_equal(e->destination_port, 443);
	assert_memory_equal(e->destination, "\xcb\0\x71\x50", 4);
	assert_memory_equal(e->address, "\xc0\0\2\x0a", 4);
	assert_int_not_equal(e->reference, 0);
	assert_int_equal(packet_counted(&scene.stats, PACKET_BLOCKED), 1);
	assert_int_equal(packet_counted(&scene.stats, PACKET_RESETS), 1);
	scene_close(&scene);
}

static void a_neighbour_on_the_same_address_passes_and_leaves_nothing(void **state)
{
	(void)state;
	scene_open(&scene, "", "enforce", NULL);
	struct talk blocked = talk_open(&scene, client, 40000, host, 443);
	assert_true(is_refused(&blocked, "banned.example"));
	struct talk t = talk_open(&scene, client, 40001, host, 443);
	say_hello(&t, "neighbour.example");
	assert_int_equal(scene.decision.mark, PACKET_MARK_RELEASED);
	assert_int_equal(scene.event_count, 1);
	scene_close(&scene);
}

static void where_the_order_is_only_observed_all_passes_and_is_written_down(void **state)
{
	(void)state;
	scene_open(&scene, "", "observe", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 443);
	say_hello(&t, "banned.example");
	assert_int_equal(scene.decision.mark, PACKET_MARK_RELEASED | PACKET_MARK_COUNTED);
	assert_int_equal(event(1)->verdict, EVENT_OBSERVE);
	assert_int_equal(event(1)->reason, REASON_OBSERVE_MODE);
	assert_int_equal(packet_counted(&scene.stats, PACKET_OBSERVED), 1);
	scene_close(&scene);
}

static void who_is_exempt_passes_and_who_is_not_is_blocked(void **state)
{
	(void)state;
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, exempt, 40000, host, 443);
	say_hello(&t, "banned.example");
	assert_int_equal(scene.event_count, 0);
	struct talk other = talk_open(&scene, client, 40000, host, 443);
	assert_true(is_refused(&other, "banned.example"));
	scene_close(&scene);
}

static void a_copy_of_the_traffic_is_never_touched_and_says_what_it_would_block(void **state)
{
	(void)state;
	scene_open(&scene, "mode: passive", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 443);
	say_hello(&t, "banned.example");
	assert_int_equal(scene.decision.mark, PACKET_MARK_NONE);
	assert_int_equal(event(1)->verdict, EVENT_OBSERVE);
	assert_int_equal(event(1)->reason, REASON_PASSIVE);
	scene_close(&scene);
}

static void a_flow_that_says_the_same_again_is_one_event(void **state)
{
	(void)state;
	static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	scene_open(&scene, "", "observe", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 80);
	for (int i = 0; i < 3; i++) {
		check_passes(talk_client(
			&t, view_text("GET / HTTP/1.1\r\nHost: banned.example\r\n\r\n")));
		check_passes(talk_server(&t, view_text(response)));
	}
	assert_int_equal(scene.event_count, 1);
	check_passes(
		talk_client(&t, view_text("GET / HTTP/1.1\r\nHost: x.banned.example\r\n\r\n")));
	assert_int_equal(scene.event_count, 2);
	scene_close(&scene);
}

static void a_flow_that_names_nobody_is_judged_by_what_our_dns_said(void **state)
{
	(void)state;
	enum { ROWS = 64 };
	static _Alignas(64) uint8_t memory[1 << 16];
	struct learned learned;
	assert_in_range(learned_size(ROWS), 1, sizeof(memory));
	learned_format(memory, ROWS, 3);
	assert_int_equal(learned_open(memory, learned_size(ROWS), &learned), OK);
	scene_open(&scene, "", "enforce", &learned);
	struct address from = fixture_address(client), to = fixture_address(host);
	struct dname name = fixture_name("api.banned.example");
	assert_true(learned_put(&learned, &from, &to, &name, scene.now.steady_us,
	                        scene.now.steady_us + 60 * SECOND_US));
	struct talk t = talk_open(&scene, client, 40000, host, 443);
	assert_true(is_refused(&t, ""));
	check_name(event(1), "api.banned.example");
	/* a name that is said counts more */
	struct talk named = talk_open(&scene, client, 40001, host, 443);
	say_hello(&named, "fine.example");
	/* and what one client was told is nothing to another */
	struct talk other = talk_open(&scene, "192.0.2.11", 40000, host, 443);
	say_hello(&other, "");
	assert_int_equal(scene.event_count, 1);
	scene_close(&scene);
}

static void a_listed_address_is_blocked_whatever_name_is_said(void **state)
{
	(void)state;
	static const char listed[] = "198.51.100.7";
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, listed, 443);
	assert_true(is_refused(&t, "fine.example"));
	struct talk unknown = talk_open(&scene, client, 40001, listed, 9999);
	bool is_dropped = false;
	for (int i = 0; i < 40 && !is_dropped; i++)
		is_dropped = talk_client(&unknown, view_text("\x01\x02 what is this? \xff\n"))
		                     ->is_dropped;
	assert_true(is_dropped);
	assert_int_equal(event(2)->name_size, 0);
	assert_int_equal(event(2)->transport, EVENT_TRANSPORT_TCP);
	scene_close(&scene);
}

static void a_host_that_is_written_as_an_address_is_judged_as_one(void **state)
{
	(void)state;
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 80);
	assert_true(talk_client(&t, view_text("GET http://198.51.100.7/ HTTP/1.1\r\n"
	                                      "Host: 198.51.100.7\r\n\r\n"))
	                    ->is_dropped);
	struct talk six = talk_open(&scene, client, 40001, host, 80);
	assert_true(talk_client(&six, view_text("GET / HTTP/1.1\r\n"
	                                        "Host: [2001:db8:bad::1]:80\r\n\r\n"))
	                    ->is_dropped);
	assert_int_equal(scene.event_count, 2);
	scene_close(&scene);
}

static void another_policy_judges_the_next_flow(void **state)
{
	(void)state;
	struct buffer image = {0};
	struct policy policy;
	scene_open(&scene, "", "observe", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 443);
	say_hello(&t, "banned.example");
	fixture_image("keep", "enforce", &image);
	assert_int_equal(policy_open(buffer_view(&image), &policy), OK);
	packet_core_set_policy(scene.core, &policy);
	struct talk next = talk_open(&scene, client, 40001, host, 443);
	assert_true(is_refused(&next, "banned.example"));
	assert_int_equal(event(2)->policy_version, policy_version(&policy));
	scene_close(&scene);
	buffer_done(&image);
}

static void what_a_flow_carried_is_told_of_its_first_event_and_once(void **state)
{
	(void)state;
	scene_open(&scene, "", "observe", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 443);
	say_hello(&t, "banned.example");
	struct flow_key key = {.client = t.to_server.source,
	                       .server = t.to_server.destination,
	                       .client_port = 40000,
	                       .server_port = 443,
	                       .protocol = FLOW_TCP};
	struct packet_carried carried = {1234, 567890, 3 * SECOND_US};
	packet_core_ended(scene.core, &key, &carried, &scene.now);
	const struct event_record *e = event(2);
	assert_int_equal(e->is_more, 1);
	assert_int_equal(e->bytes_up, 1234);
	assert_int_equal(e->bytes_down, 567890);
	assert_int_equal(e->duration_us, 3 * SECOND_US);
	check_name(e, "banned.example");
	packet_core_ended(scene.core, &key, &carried, &scene.now);
	assert_int_equal(scene.event_count, 2);
	scene_close(&scene);
}

/* By the wall clock's jumps between packets, within which every rule stays in force. */
static void check_jumping(int64_t jump_us, uint16_t port)
{
	struct view rest = hello_write("banned.example", room);
	struct talk t = talk_open(&scene, client, port, host, 443);
	while (rest.size > 10) {
		check_passes(talk_client(&t, view_of(rest.bytes, 10)));
		rest = view_of(rest.bytes + 10, rest.size - 10);
		scene.now.wall_us += jump_us;
		packet_core_tick(scene.core, &scene.now);
		jump_us = -jump_us;
	}
	assert_true(talk_client(&t, rest)->is_dropped);
	scene.now.wall_us += jump_us;
	struct talk allowed = talk_open(&scene, client, (uint16_t)(port + 1), host, 443);
	say_hello(&allowed, "neighbour.example");
	assert_int_equal(scene.decision.mark, PACKET_MARK_RELEASED);
}

static void a_wall_clock_that_jumps_changes_no_verdict(void **state)
{
	(void)state;
	static const int64_t jumps_us[] = {86400 * SECOND_US, -86400 * SECOND_US, 61 * SECOND_US,
	                                   -61 * SECOND_US, 0};
	scene_open(&scene, "", "enforce", NULL);
	for (size_t i = 0; i < sizeof(jumps_us) / sizeof(jumps_us[0]); i++) {
		check_jumping(jumps_us[i], (uint16_t)(40000 + 2 * i));
		assert_int_equal(event(i + 1)->verdict, EVENT_BLOCK);
	}
	assert_int_equal(scene.stats.why[FLOW_WHY_LIMIT_TIME], 0);
	scene_close(&scene);
}

/* The same packets meet limits by the steady clock alone. */
static void a_steady_clock_ends_what_takes_too_long(void **state)
{
	(void)state;
	scene_open(&scene, "failure: closed", "enforce", NULL);
	struct view hello = hello_write("neighbour.example", room);
	struct talk t = talk_open(&scene, client, 40000, host, 443);
	check_passes(talk_client(&t, view_of(hello.bytes, 10)));
	scene.now.wall_us -= 86400 * SECOND_US;
	scene.now.steady_us += 11 * SECOND_US;
	assert_true(talk_client(&t, view_of(hello.bytes + 10, 10))->is_dropped);
	assert_int_equal(scene.stats.why[FLOW_WHY_LIMIT_TIME], 1);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_banned_name_is_dropped_written_down_and_reset_at_both_ends),
		cmocka_unit_test(a_neighbour_on_the_same_address_passes_and_leaves_nothing),
		cmocka_unit_test(where_the_order_is_only_observed_all_passes_and_is_written_down),
		cmocka_unit_test(who_is_exempt_passes_and_who_is_not_is_blocked),
		cmocka_unit_test(
			a_copy_of_the_traffic_is_never_touched_and_says_what_it_would_block),
		cmocka_unit_test(a_flow_that_says_the_same_again_is_one_event),
		cmocka_unit_test(a_flow_that_names_nobody_is_judged_by_what_our_dns_said),
		cmocka_unit_test(a_listed_address_is_blocked_whatever_name_is_said),
		cmocka_unit_test(a_host_that_is_written_as_an_address_is_judged_as_one),
		cmocka_unit_test(another_policy_judges_the_next_flow),
		cmocka_unit_test(what_a_flow_carried_is_told_of_its_first_event_and_once),
		cmocka_unit_test(a_wall_clock_that_jumps_changes_no_verdict),
		cmocka_unit_test(a_steady_clock_ends_what_takes_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
