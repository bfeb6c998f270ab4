#include "tests/flow_world.h"
#include "tests/quic_seal.h"
#include "tests/test.h"

enum { V1 = 0x00000001, DNS = 53 };

static struct world w;
static uint8_t good_room[HELLO_ROOM], bad_room[HELLO_ROOM];
static struct view good, bad; /* messages without a record */

static int open_with(enum flow_action on_limit)
{
	struct flow_limits limits = world_limits();
	limits.on_limit = on_limit;
	world_open(&w, &limits);
	good = view_skip(hello_write("good.example", 0, good_room), 5);
	bad = view_skip(hello_write("bad1.example", 0, bad_room), 5);
	return 0;
}

static int open_world(void **state)
{
	(void)state;
	return open_with(FLOW_REFUSE);
}

/* As a gate is by default: what exceeds a limit passes. */
static int open_lax_world(void **state)
{
	(void)state;
	return open_with(FLOW_RELEASE);
}

static int close_world(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static void send_datagram(struct view payload)
{
	struct packet_text t = w.defaults;
	t.payload = payload;
	world_take(&w, packet_udp(&t, w.packet));
}

/* An Initial of the connection that begins with that id: some bytes of a hello, and some from further on. */
struct initial {
	uint8_t id;
	uint64_t number;
	uint32_t from, to, more;
};

static struct view write_initial(const struct initial *i, struct view hello)
{
	static uint8_t packet[4096];
	uint8_t frames[2048], id[8] = {i->id};
	uint32_t to = i->to ? i->to : (uint32_t)hello.size;
	struct writer writer = writer_open(frames, sizeof(frames));
	seal_crypto(&writer, i->from, view_of(hello.bytes + i->from, to - i->from));
	if (i->more)
		seal_crypto(&writer, i->more, view_text("far"));
	struct seal s = {.version = V1,
	                 .dcid = view_of(id, sizeof(id)),
	                 .number = i->number,
	                 .number_size = 1,
	                 .frames = view_of(frames, writer_size(&writer))};
	return seal_initial(&s, packet, sizeof(packet));
}

static void send_initial(struct initial i, struct view hello)
{
	send_datagram(write_initial(&i, hello));
}

static void a_refused_hello_in_a_datagram_reaches_nobody(void **state)
{
	(void)state;
	send_initial((struct initial){.id = 1}, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
	assert_string_equal(w.last, "bad1.example");
	w.defaults.client_port = 41000;
	send_initial((struct initial){.id = 1}, good);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
}

static void a_hello_that_is_sent_from_the_port_of_dns_is_judged(void **state)
{
	(void)state;
	w.defaults.client_port = DNS;
	send_initial((struct initial){.id = 1}, good);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	send_initial((struct initial){.id = 2}, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void an_answer_from_the_port_of_dns_is_none_of_the_clients(void **state)
{
	(void)state;
	struct packet_text t = {.is_reply = true,
	                        .server_port = DNS,
	                        .payload = view_of("\xc2\x34\x81\x80\0\1\0\0\0\0\0\0", 12)};
	world_take(&w, packet_udp(&t, w.packet));
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	assert_false(w.outcome.is_from_client);
	assert_int_equal(w.judged, 0);
}

static void a_hello_that_goes_to_the_port_of_dns_is_judged(void **state)
{
	(void)state;
	static const char query[] = "\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03"
				    "bad\0\0\x01\0\x01";
	w.defaults.server_port = DNS;
	send_initial((struct initial){.id = 1}, good);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	send_datagram(view_of(query, sizeof(query) - 1)); /* from the same port */
	assert_took(FLOW_DROP, FLOW_WHY_RULED);
	send_initial((struct initial){.id = 2}, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void what_is_far_behind_a_hello_does_not_hide_it(void **state)
{
	(void)state;
	send_initial((struct initial){.id = 1, .more = 20000}, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
	w.defaults.client_port = 41000;
	send_initial((struct initial){.id = 1, .to = 40, .more = 20000}, bad);
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	send_initial((struct initial){.id = 1, .number = 1, .from = 40}, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void more_connections_at_once_than_are_kept_wait(void **state)
{
	(void)state;
	for (uint8_t id = 1; id <= 4; id++) {
		send_initial((struct initial){.id = id}, good);
		assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	}
	send_initial((struct initial){.id = 5}, bad);
	assert_took(FLOW_DROP, FLOW_WHY_WINDOW);
	send_initial((struct initial){.id = 5, .to = 40}, bad);
	assert_took(FLOW_DROP, FLOW_WHY_WINDOW);
	send_initial((struct initial){.id = 4}, good);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
}

static void a_hello_is_judged_where_there_is_no_room_for_it(void **state)
{
	(void)state;
	for (uint16_t i = 0; i < 30; i++) { /* more than have room */
		w.defaults.client_port = (uint16_t)(41000 + i);
		send_initial((struct initial){.id = 1}, good);
	}
	assert_took(FLOW_RELEASE, FLOW_WHY_FULL_POOL);
	w.defaults.client_port = 42000;
	send_initial((struct initial){.id = 1}, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_name_in_a_part_is_judged_at_a_limit(void **state)
{
	(void)state;
	uint32_t size = (uint32_t)bad.size;
	send_initial((struct initial){.id = 1, .to = size - 3}, bad);
	for (uint8_t i = 1; i < 32; i++) {
		send_initial((struct initial){.id = 1, .number = i, .to = size - 3}, bad);
		assert_took(FLOW_PASS, FLOW_WHY_PART);
	}
	send_initial((struct initial){.id = 1, .number = 40, .to = size - 3}, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

#define in_a_lax_world(f) cmocka_unit_test_setup_teardown(f, open_lax_world, close_world)
#define in_a_world(f)     cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_world(a_refused_hello_in_a_datagram_reaches_nobody),
		in_a_world(a_hello_that_is_sent_from_the_port_of_dns_is_judged),
		in_a_world(an_answer_from_the_port_of_dns_is_none_of_the_clients),
		in_a_world(a_hello_that_goes_to_the_port_of_dns_is_judged),
		in_a_lax_world(what_is_far_behind_a_hello_does_not_hide_it),
		in_a_lax_world(more_connections_at_once_than_are_kept_wait),
		in_a_lax_world(a_hello_is_judged_where_there_is_no_room_for_it),
		in_a_lax_world(a_name_in_a_part_is_judged_at_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
