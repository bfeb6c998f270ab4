#include "tests/flow_world.h"
#include "tests/test.h"

static struct world w;
static uint8_t good_room[HELLO_ROOM], bad_room[HELLO_ROOM], answer_room[HELLO_ROOM];
static struct view good, bad, answer, retry;

static int open_world(void **state)
{
	(void)state;
	struct flow_limits limits = world_limits();
	world_open(&w, &limits);
	static uint8_t retry_room[HELLO_ROOM];
	good = hello_write("good.example", 0, good_room);
	bad = hello_write("bad1.example", 0, bad_room);
	answer = hello_answer(false, answer_room);
	retry = hello_answer(true, retry_room);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&w);
	return 0;
}

static struct view part(struct view v, size_t from, size_t to)
{
	return view_of(v.bytes + from, to - from);
}

static void an_allowed_hello_is_released_when_the_server_answers(void **state)
{
	(void)state;
	world_handshake(&w);
	assert_took(FLOW_PASS, FLOW_WHY_OPENING);
	world_client(&w, 0, good);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	assert_string_equal(w.last, "good.example");
	world_server(&w, 0, view_of(NULL, 0), (uint32_t)good.size);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	world_server(&w, 0, answer, (uint32_t)good.size);
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
	assert_int_equal(w.judged, 1);
	assert_int_equal(flow_table_state(w.table).held, 0);
}

static void a_refused_hello_reaches_nobody(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 0, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
	assert_true(w.outcome.has_sequence && w.outcome.is_from_client);
	assert_int_equal(w.outcome.client_next, CLIENT_START + 1);
	assert_int_equal(w.outcome.server_next, SERVER_START + 1);
	world_client(&w, 0, good);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
	assert_int_equal(w.judged, 1);
}

static void a_hello_in_pieces_of_any_order_is_read(void **state)
{
	(void)state;
	world_handshake(&w);
	for (size_t at = bad.size; at > 6; at -= 6) {
		world_client(&w, (uint32_t)at - 6, part(bad, at - 6, at));
		assert_took(FLOW_PASS, FLOW_WHY_PART);
	}
	world_client(&w, 0, part(bad, 0, bad.size % 6 ? bad.size % 6 : 6));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void other_bytes_for_a_place_are_judged_too(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 20, part(good, 20, good.size));
	world_client(&w, 20, part(bad, 20, bad.size));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	world_client(&w, 0, part(good, 0, 20));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
	assert_int_equal(w.outcome.client_next, CLIENT_START + 1);
}

static void a_retransmission_with_other_bytes_is_judged_until_the_server_has_them(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 0, good);
	world_client(&w, 40, part(bad, 40, bad.size));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void what_no_end_host_takes_is_dropped(void **state)
{
	(void)state;
	w.defaults.has_timestamp = w.defaults.has_scale = true;
	w.defaults.timestamp = 100000;
	world_handshake(&w);
	struct packet_text t = w.defaults;
	t.flags = TCP_ACK;
	t.sequence = CLIENT_START + 1;
	t.acknowledged = SERVER_START + 1;
	t.payload = bad;
	struct packet_text change = t;
	change.has_bad_sum = true;
	world_tcp(&w, &change);
	assert_took(FLOW_DROP, FLOW_WHY_CHECKSUM);
	change = t;
	change.timestamp = 90000;
	world_tcp(&w, &change);
	assert_took(FLOW_DROP, FLOW_WHY_OLD);
	change = t;
	change.has_md5 = true;
	world_tcp(&w, &change);
	assert_took(FLOW_DROP, FLOW_WHY_STRANGE);
	change = t;
	change.flags = TCP_PSH;
	world_tcp(&w, &change);
	assert_took(FLOW_DROP, FLOW_WHY_STRANGE);
	change = t;
	change.sequence += 70000;
	world_tcp(&w, &change);
	assert_took(FLOW_DROP, FLOW_WHY_WINDOW);
	change = t;
	change.acknowledged += 1;
	world_tcp(&w, &change);
	assert_took(FLOW_DROP, FLOW_WHY_WINDOW);
	change = t;
	change.hops = 5;
	world_tcp(&w, &change);
	assert_took(FLOW_DROP, FLOW_WHY_TTL);
	assert_int_equal(w.judged, 0);
	world_client(&w, 0, good);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
}

static void bytes_with_few_hops_left_count_when_they_come_again(void **state)
{
	(void)state;
	world_handshake(&w);
	w.defaults.hops = 60;
	world_client(&w, 0, bad);
	assert_took(FLOW_DROP, FLOW_WHY_TTL);
	world_client(&w, 0, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void an_urgent_byte_is_read_both_ways(void **state)
{
	(void)state;
	uint8_t bytes[HELLO_ROOM];
	size_t name =
		(size_t)((const uint8_t *)memmem(bad.bytes, bad.size, "bad1", 4) - bad.bytes) + 1;
	memcpy(bytes, bad.bytes, name);
	bytes[name] = 'x'; /* b(x)ad1 */
	memcpy(bytes + name + 1, bad.bytes + name, bad.size - name);
	world_handshake(&w);
	struct packet_text t = {.flags = TCP_ACK | TCP_URG,
	                        .sequence = CLIENT_START + 1,
	                        .acknowledged = SERVER_START + 1,
	                        .urgent = (uint16_t)(name + 1),
	                        .payload = view_of(bytes, bad.size + 1)};
	world_tcp(&w, &t);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_second_hello_after_a_retry_request_is_judged(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 0, good);
	world_server(&w, 0, retry, (uint32_t)good.size);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	w.outcome.action = FLOW_DROP;
	struct packet_text t = {.flags = TCP_ACK,
	                        .sequence = CLIENT_START + 1 + (uint32_t)good.size,
	                        .acknowledged = SERVER_START + 1 + (uint32_t)retry.size,
	                        .payload = bad};
	world_tcp(&w, &t);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void the_same_hello_again_after_a_retry_request_is_released(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 0, good);
	world_server(&w, 0, retry, (uint32_t)good.size);
	struct packet_text t = {.flags = TCP_ACK,
	                        .sequence = CLIENT_START + 1 + (uint32_t)good.size,
	                        .acknowledged = SERVER_START + 1 + (uint32_t)retry.size,
	                        .payload = good};
	world_tcp(&w, &t);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	world_server(&w, (uint32_t)retry.size, answer, 2 * (uint32_t)good.size);
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
}

static void a_reset_of_the_client_does_not_end_what_the_server_keeps(void **state)
{
	(void)state;
	world_handshake(&w);
	struct packet_text t = {.flags = TCP_RST | TCP_ACK,
	                        .sequence = CLIENT_START + 2,
	                        .acknowledged = SERVER_START + 1};
	world_tcp(&w, &t);
	assert_took(FLOW_PASS, FLOW_WHY_OPENING);
	t.flags = TCP_FIN | TCP_ACK;
	world_tcp(&w, &t);
	world_client(&w, 0, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_syn_with_another_number_counts_when_the_server_answers_it(void **state)
{
	(void)state;
	world_handshake(&w);
	struct packet_text t = {.flags = TCP_SYN, .sequence = 777000};
	world_tcp(&w, &t);
	assert_took(FLOW_PASS, FLOW_WHY_OPENING);
	world_client(&w, 0, part(bad, 0, 30));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	t = (struct packet_text){.is_reply = true,
	                         .flags = TCP_SYN | TCP_ACK,
	                         .sequence = 9,
	                         .acknowledged = 777001};
	world_tcp(&w, &t);
	t = (struct packet_text){
		.flags = TCP_ACK, .sequence = 777001, .acknowledged = 10, .payload = bad};
	world_tcp(&w, &t);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void data_in_the_syn_is_read(void **state)
{
	(void)state;
	struct packet_text t = {
		.flags = TCP_SYN, .sequence = 0xfffffff0, .payload = part(bad, 0, 30)};
	world_tcp(&w, &t);
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	t = (struct packet_text){.is_reply = true,
	                         .flags = TCP_SYN | TCP_ACK,
	                         .sequence = 9,
	                         .acknowledged = 0xfffffff1u + 30};
	world_tcp(&w, &t);
	t = (struct packet_text){.flags = TCP_ACK,
	                         .sequence = 0xfffffff1u + 30,
	                         .acknowledged = 10,
	                         .payload = part(bad, 30, bad.size)};
	world_tcp(&w, &t);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void every_request_of_a_connection_is_judged(void **state)
{
	(void)state;
	static const char first[] = "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n";
	static const char second[] = "GET / HTTP/1.1\r\nHost: bad.example\r\n\r\n";
	uint32_t size = sizeof(first) - 1;
	world_handshake(&w);
	world_client(&w, 0, view_text(first));
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	world_server(&w, 0, view_text("HTTP/1.1 200 OK\r\n\r\n"), size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_client(&w, size, view_of(NULL, 0));
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	/* the server's bytes did not come here, but are acknowledged */
	struct packet_text t = {.flags = TCP_ACK,
	                        .sequence = CLIENT_START + 1 + size,
	                        .acknowledged = SERVER_START + 1 + 500000,
	                        .payload = view_text(first)};
	world_tcp(&w, &t);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	world_server(&w, 500000, view_of(NULL, 0), 2 * size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	t.sequence += size;
	t.payload = view_text(second);
	world_tcp(&w, &t);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void what_was_queued_when_the_answers_were_let_by_is_not_the_last_of_them(void **state)
{
	(void)state;
	static const char request[] = "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n";
	uint32_t size = sizeof(request) - 1;
	w.defaults.has_scale = true;
	world_handshake(&w);
	world_client(&w, 0, view_text(request));
	world_server(&w, 0, view_of(NULL, 0), size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	/* its head waited here already, its body did not come here any more */
	world_server(&w, 0, view_text("HTTP/1.1 200 OK\r\n\r\n"), size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	struct packet_text t = {.flags = TCP_ACK,
	                        .sequence = CLIENT_START + 1 + size,
	                        .acknowledged = SERVER_START + 1 + 20 + 500000,
	                        .payload = view_text(request)};
	world_tcp(&w, &t);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	world_server(&w, 500020, view_of(NULL, 0), 2 * size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
}

static void requests_go_on_where_the_server_is_not_heard(void **state)
{
	(void)state;
	static const char request[] = "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n";
	uint32_t size = sizeof(request) - 1;
	world_handshake(&w);
	for (uint32_t i = 0; i < 1000; i++) {
		world_client(&w, i * size, view_text(request));
		assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	}
	world_client(&w, 1000 * size, view_text("GET / HTTP/1.1\r\nHost: bad.example\r\n\r\n"));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_request_behind_another_in_one_segment_is_judged(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 0,
	             view_text("POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 3\r\n\r\n"
	                       "abcGET / HTTP/1.1\r\nHost: bad.example\r\n\r\n"));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_body_of_known_length_is_not_held(void **state)
{
	(void)state;
	static const char head[] =
		"POST / HTTP/1.1\r\nHost: good.example\r\nContent-Length: 100000\r\n\r\n";
	static uint8_t body[50000];
	uint32_t size = sizeof(head) - 1;
	world_handshake(&w);
	world_client(&w, 0, view_text(head));
	world_server(&w, 0, view_of(NULL, 0), size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_client(&w, size, view_of(body, sizeof(body)));
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_client(&w, size + 50000, view_of(body, sizeof(body)));
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	assert_int_equal(flow_table_state(w.table).held, 0);
	world_client(&w, size + 100000, view_text("GET / HTTP/1.1\r\nHost: bad.example\r\n\r\n"));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void tls_in_a_tunnel_is_judged(void **state)
{
	(void)state;
	static const char connect[] =
		"CONNECT good.example:443 HTTP/1.1\r\nHost: good.example\r\n\r\n";
	uint32_t size = sizeof(connect) - 1;
	world_handshake(&w);
	world_client(&w, 0, view_text(connect));
	world_server(&w, 0, view_text("HTTP/1.1 200 OK\r\n\r\n"), size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_client(&w, size, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void what_is_not_known_names_nobody_and_is_released(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 0, view_text("\x7fhello there"));
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	assert_int_equal(w.unknown, 1);
	world_server(&w, 0, view_of(NULL, 0), 12);
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
}

static void a_server_that_speaks_first_is_released_unless_tls_may_follow(void **state)
{
	(void)state;
	world_handshake(&w);
	world_server(&w, 0, view_text("SSH-2.0-OpenSSH_9.2\r\n"), 0);
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
	w.defaults.client_port = 41000;
	world_handshake(&w);
	world_server(&w, 0, view_text("220 mail ESMTP\r\n"), 0);
	assert_took(FLOW_PASS, FLOW_WHY_OPENING);
	world_client(&w, 0, view_text("EHLO me\r\nSTARTTLS\r\n"));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	world_client(&w, 19, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_flow_whose_beginning_was_not_seen_is_judged_by_what_it_says(void **state)
{
	(void)state;
	world_client(&w, 0, view_of(NULL, 0));
	assert_took(FLOW_PASS, FLOW_WHY_OPENING);
	assert_int_equal(flow_table_state(w.table).flows, 0);
	world_client(&w, 0, view_text("\x7fwhat is this"));
	assert_took(FLOW_RELEASE, FLOW_WHY_MIDDLE);
	w.defaults.client_port = 41000;
	world_client(&w, 0, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_hello_in_single_bytes_of_any_order_is_read(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		w.defaults.client_port = (uint16_t)(41000 + round);
		world_handshake(&w);
		for (size_t i = 0; i < bad.size; i++) {
			size_t at = round == 0   ? i
			            : round == 1 ? bad.size - 1 - i
			                         : (i * 7 + 3) % bad.size;
			world_client(&w, (uint32_t)at, part(bad, at, at + 1));
			if (i + 1 < bad.size)
				assert_took(FLOW_PASS, FLOW_WHY_PART);
		}
		assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
	}
}

static void other_bytes_for_a_place_among_very_many_pieces_are_ambiguous(void **state)
{
	(void)state;
	world_handshake(&w);
	for (uint32_t i = 0; i < 60; i++)
		world_client(&w, i, part(good, i, i + 1));
	world_client(&w, 10, part(good, 10, 40));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	uint8_t wrong = 0;
	world_client(&w, 11, view_of(&wrong, 1));
	assert_took(FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
}

static void limits_follow_their_rule(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 0, part(good, 0, 50));
	for (uint32_t i = 0; i < 32; i++) {
		world_client(&w, 0, part(good, 0, 49 - i));
		assert_took(FLOW_PASS, FLOW_WHY_PART);
	}
	/* as many as are allowed, and one that says something else again */
	world_client(&w, 1, part(good, 1, 20));
	assert_took(FLOW_REFUSE, FLOW_WHY_LIMIT_PACKETS);
	w.defaults.client_port = 41000;
	world_handshake(&w);
	world_client(&w, 0, part(good, 0, 1));
	w.now_us += 11 * 1000 * 1000;
	world_client(&w, 1, part(good, 1, 2));
	assert_took(FLOW_REFUSE, FLOW_WHY_LIMIT_TIME);
}

static void more_readings_than_can_be_judged_are_refused(void **state)
{
	(void)state;
	world_handshake(&w);
	uint8_t wrong = 0;
	world_client(&w, 0, part(good, 0, good.size - 1));
	for (uint32_t i = 0; i < 9; i++)
		world_client(&w, 11 + i, view_of(&wrong, 1)); /* in the random */
	assert_took(FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
}

static void what_a_flow_makes_us_read_again_is_bounded(void **state)
{
	(void)state;
	static uint8_t lines[14000];
	for (size_t i = 0; i < sizeof(lines); i++)
		lines[i] = (uint8_t) "a:b\n"[i % 4];
	memcpy(lines, "GET /abcdef HTTP/1.1\nA:\n", 24);
	uint8_t other = 'z';
	world_handshake(&w);
	for (uint32_t i = 0; i < 6; i++)
		world_client(&w, 5 + i, view_of(&other, 1));
	unsigned sent = 0;
	for (uint32_t at = 0; at + 200 < sizeof(lines) && w.outcome.action == FLOW_PASS;
	     at += 200) {
		world_client(&w, at, view_of(lines + at, 200));
		sent++;
	}
	assert_took(FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
	assert_in_range(sent, 5, 60);
}

static void a_full_table_gives_up_half_open_flows_first(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 64; i++) {
		w.defaults.client = i;
		world_handshake(&w);
		world_client(&w, 0, part(good, 0, 10));
	}
	struct packet_text syn = {.flags = TCP_SYN, .client = 100};
	world_tcp(&w, &syn);
	assert_took(FLOW_REFUSE, FLOW_WHY_FULL_TABLE);
	w.now_us += 61 * 1000 * 1000;
	flow_tick(w.table, w.now_us);
	assert_int_equal(flow_table_state(w.table).flows, 0);
	assert_int_equal(flow_table_state(w.table).held, 0);
	for (uint32_t i = 0; i < 100; i++) {
		struct packet_text t = {.flags = TCP_SYN, .client = i};
		assert_int_equal(world_tcp(&w, &t), FLOW_PASS);
	}
	assert_int_equal(flow_table_state(w.table).flows, 64);
}

static void a_query_is_judged_and_dropped_alone(void **state)
{
	(void)state;
	static const char query[] = "\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03"
				    "bad\x07"
				    "example\0\0\x01\0\x01";
	struct packet_text t = {.server_port = 53, .payload = view_of(query, sizeof(query) - 1)};
	world_take(&w, packet_udp(&t, w.packet));
	assert_took(FLOW_DROP, FLOW_WHY_RULED);
	assert_string_equal(w.last, "bad.example");
	t.server_port = 5353;
	world_take(&w, packet_udp(&t, w.packet));
	assert_took(FLOW_DROP, FLOW_WHY_RULED);
	assert_int_equal(flow_table_state(w.table).flows, 0);
	t.payload = view_text("anything");
	world_take(&w, packet_udp(&t, w.packet));
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
}

static void queries_of_a_stream_are_judged_each(void **state)
{
	(void)state;
	static const char good_query[] = "\0\x1e\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x04"
					 "good\x07"
					 "example\0\0\x01\0\x01";
	static const char bad_query[] = "\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03"
					"bad\x07"
					"example\0\0\x01\0\x01";
	w.defaults.server_port = 53;
	world_handshake(&w);
	world_client(&w, 0, view_of(good_query, 32));
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	world_server(&w, 0, view_of(NULL, 0), 32);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_client(&w, 32, view_of(bad_query, 20));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	world_client(&w, 52, view_of(bad_query + 20, 11));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void of_a_connection_that_the_kernel_follows_the_server_hello_need_not_come(void **state)
{
	(void)state;
	world_answer_syn(&w);
	assert_took(FLOW_PASS, FLOW_WHY_OPENING);
	assert_false(w.outcome.is_from_client || w.outcome.recalls);
	world_client(&w, 0, part(good, 0, 30));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	assert_false(w.outcome.recalls);
	world_client(&w, 30, part(good, 30, good.size));
	assert_took(FLOW_AWAIT, FLOW_WHY_WAITING);
	/* until it comes, other bytes for the same place are judged */
	world_client(&w, 0, bad);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void what_else_a_server_says_is_heard_here(void **state)
{
	(void)state;
	world_answer_syn(&w);
	world_client(&w, 0, good);
	assert_took(FLOW_AWAIT, FLOW_WHY_WAITING);
	world_server(&w, 0, part(retry, 0, 20), (uint32_t)good.size);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	assert_true(w.outcome.recalls);
	world_server(&w, 20, part(retry, 20, retry.size), (uint32_t)good.size);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	world_client(&w, (uint32_t)good.size, good);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	world_server(&w, (uint32_t)retry.size, answer, 2 * (uint32_t)good.size);
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
}

static void a_session_that_would_look_like_a_server_hello_is_not_left_to_the_kernel(void **state)
{
	(void)state;
	enum { SESSION_SIZE_AT = 5 + 4 + 2 + 32, MESSAGE_SIZE_AT = 8, RECORD_SIZE_AT = 4 };
	static const uint8_t sessions[][3] = {{1, 2, 22}, {22, 3, 1}, {22, 2, 3}};
	for (unsigned i = 0; i < 3; i++) {
		uint8_t bytes[HELLO_ROOM];
		assert_int_equal(good.bytes[SESSION_SIZE_AT], 0);
		memcpy(bytes, good.bytes, SESSION_SIZE_AT);
		bytes[SESSION_SIZE_AT] = 3;
		memcpy(bytes + SESSION_SIZE_AT + 1, sessions[i], 3);
		memcpy(bytes + SESSION_SIZE_AT + 4, good.bytes + SESSION_SIZE_AT + 1,
		       good.size - SESSION_SIZE_AT - 1);
		bytes[MESSAGE_SIZE_AT] = (uint8_t)(bytes[MESSAGE_SIZE_AT] + 3);
		bytes[RECORD_SIZE_AT] = (uint8_t)(bytes[RECORD_SIZE_AT] + 3);
		w.defaults.client = i;
		world_answer_syn(&w);
		world_client(&w, 0, view_of(bytes, good.size + 3));
		assert_took(i < 2 ? FLOW_PASS : FLOW_AWAIT, FLOW_WHY_WAITING);
		assert_string_equal(w.last, "good.example");
	}
}

static void an_answer_to_another_syn_begins_anew(void **state)
{
	(void)state;
	struct packet_text t = {.is_reply = true,
	                        .flags = TCP_SYN | TCP_ACK,
	                        .sequence = SERVER_START,
	                        .acknowledged = CLIENT_START + 1};
	world_answer_syn(&w);
	world_client(&w, 0, part(good, 0, 30));
	world_tcp(&w, &t); /* the same again changes nothing */
	world_client(&w, 30, part(good, 30, good.size));
	assert_took(FLOW_AWAIT, FLOW_WHY_WAITING);
	t.sequence += 9; /* the client's number is the same: only the server's tells */
	world_tcp(&w, &t);
	assert_took(FLOW_PASS, FLOW_WHY_OPENING);
	assert_int_equal(flow_table_state(w.table).held, 0);
	world_client(&w, 0, part(good, 0, 30));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	t.acknowledged = 777001;
	world_tcp(&w, &t);
	t = (struct packet_text){.flags = TCP_ACK,
	                         .sequence = 777001,
	                         .acknowledged = SERVER_START + 10,
	                         .payload = bad};
	world_tcp(&w, &t);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
	assert_int_equal(flow_table_state(w.table).flows, 1);
}

static void who_was_connected_to_and_speaks_as_a_client_is_one(void **state)
{
	(void)state;
	world_answer_syn(&w);
	world_server(&w, 6, part(bad, 6, bad.size), 0);
	assert_took(FLOW_DROP, FLOW_WHY_WINDOW);
	world_server(&w, 0, part(bad, 0, 6), 0);
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	assert_true(w.outcome.is_from_client);
	assert_int_equal(w.outcome.key.client_port, 443);
	world_server(&w, 6, part(bad, 6, bad.size), 0);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void who_turned_out_to_be_a_client_is_released_by_the_others_answer_here(void **state)
{
	(void)state;
	world_answer_syn(&w);
	world_server(&w, 0, good, 0);
	assert_took(FLOW_PASS,
	            FLOW_WHY_WAITING); /* the kernel has the directions the other way round */
	struct packet_text t = {.flags = TCP_ACK,
	                        .sequence = CLIENT_START + 1,
	                        .acknowledged = SERVER_START + 1 + (uint32_t)good.size,
	                        .payload = answer};
	world_tcp(&w, &t);
	assert_took(FLOW_RELEASE, FLOW_WHY_JUDGED);
}

static void a_client_that_the_kernel_takes_for_the_server_is_never_left_to_it(void **state)
{
	(void)state;
	static const char request[] = "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n";
	world_handshake(&w);
	struct packet_text t = {.flags = TCP_ACK,
	                        .sequence = CLIENT_START + 1,
	                        .acknowledged = SERVER_START + 1,
	                        .payload = view_text(request)};
	w.is_followed = true;
	world_take_of(&w, packet_tcp(&t, w.packet), true);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	w.is_followed = false;
	world_server(&w, 0, view_text("HTTP/1.1 200 OK\r\n\r\n"), sizeof(request) - 1);
	assert_took(FLOW_PASS, FLOW_WHY_JUDGED);
}

static void a_watched_flow_of_which_more_is_wanted_says_so_once(void **state)
{
	(void)state;
	static const char request[] = "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n";
	uint32_t size = sizeof(request) - 1;
	world_answer_syn(&w);
	world_client(&w, 0, view_text(request));
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	assert_false(w.outcome.recalls);
	world_server(&w, 0, view_text("HTTP/1.1 200 OK\r\n\r\n"), size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_client(&w, size, part(view_text(request), 0, 9));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	assert_true(w.outcome.recalls);
	world_client(&w, size + 9, part(view_text(request), 9, size));
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	assert_false(w.outcome.recalls);
}

static void an_awaited_flow_that_was_forgotten_is_refused(void **state)
{
	(void)state;
	w.is_awaited = true;
	world_client(&w, 0, view_of(NULL, 0));
	assert_took(FLOW_PASS, FLOW_WHY_OPENING);
	world_client(&w, 0, good);
	assert_took(FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
	w.is_followed = true;
	world_server(&w, 0, retry, 0);
	assert_took(FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
	assert_false(w.outcome.is_from_client);
	assert_int_equal(flow_table_state(w.table).flows, 0);
}

static void awaited_flows_give_way_to_new_ones_and_their_bytes(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		w.defaults.client = i;
		world_answer_syn(&w);
		assert_took(FLOW_PASS, FLOW_WHY_OPENING);
		world_client(&w, 0, good);
		assert_took(FLOW_AWAIT, FLOW_WHY_WAITING);
	}
	assert_int_equal(flow_table_state(w.table).flows, 0);
	assert_int_equal(flow_table_state(w.table).held, 64 * 256);
	world_close(&w);
	struct flow_limits limits = world_limits();
	limits.held_bytes = 4096;
	world_open(&w, &limits);
	for (uint32_t i = 0; i < 60; i++) {
		w.defaults.client = i;
		world_answer_syn(&w);
		world_client(&w, 0, good);
		assert_took(FLOW_AWAIT, FLOW_WHY_WAITING);
	}
}

static void who_sends_from_a_low_port_is_a_client_all_the_same(void **state)
{
	(void)state;
	w.is_followed = true;
	w.defaults.client_port = 400;
	world_client(&w, 0, part(bad, 0, 1));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	assert_true(w.outcome.is_from_client);
	world_client(&w, 1, part(bad, 1, bad.size));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void more_names_than_are_read_are_refused(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(
		&w, 0,
		view_text("GET / HTTP/1.1\r\nHost: a, b, c, d, e, f, g, h, bad.example\r\n\r\n"));
	assert_took(FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
}

static void what_a_client_has_of_a_server_that_was_not_heard_may_be_acknowledged(void **state)
{
	(void)state;
	static const char request[] = "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n";
	uint32_t size = sizeof(request) - 1;
	world_answer_syn(&w);
	world_client(&w, 0, view_text(request));
	world_server(&w, 0, view_text("HTTP/1.1 200 OK\r\n\r\n"), size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	struct packet_text t = {.flags = TCP_ACK,
	                        .sequence = CLIENT_START + 1 + size,
	                        .acknowledged = SERVER_START + 1 + 3000,
	                        .payload = part(view_text(request), 0, 9)};
	world_tcp(&w, &t);
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	/* a packet of the server's that others have overtaken */
	world_server(&w, 1000, view_text("late"), size);
	t.sequence += 9;
	t.payload = part(view_text(request), 9, size);
	world_tcp(&w, &t);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
}

static size_t write_query(uint16_t size, uint8_t id_low, uint8_t *room)
{
	static const char question[] = "\0\0\x01\0\0\x01\0\0\0\0\0\x01\x03"
				       "bad\x07"
				       "example\0\0\x01\0\x01"
				       "\0\0\x29\x04\xd0\0\0\0\0";
	memset(room, 0, size + 2u);
	packet_put16(room, size);
	memcpy(room + 2, question, sizeof(question) - 1);
	room[3] = id_low;
	uint8_t *padding = room + 2 + sizeof(question) - 1;
	size_t left = size - (sizeof(question) - 1) - 2;
	packet_put16(padding, (uint32_t)left);
	packet_put16(padding + 2, 12);
	packet_put16(padding + 4, (uint32_t)left - 4);
	return size + 2u;
}

static void a_query_of_a_stream_whose_length_looks_like_tls_is_judged(void **state)
{
	(void)state;
	static uint8_t query[0x1603 + 2];
	w.defaults.server_port = 53;
	world_handshake(&w);
	world_client(&w, 0, view_of(query, write_query(0x1603, 0, query)));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void the_question_of_a_query_that_is_too_long_is_judged(void **state)
{
	(void)state;
	static uint8_t query[17000 + 2];
	struct flow_limits limits = world_limits();
	limits.on_limit = FLOW_RELEASE;
	world_close(&w);
	world_open(&w, &limits);
	w.defaults.server_port = 53;
	world_handshake(&w);
	struct view bytes = view_of(query, write_query(17000, 0, query));
	world_client(&w, 0, part(bytes, 0, 9000));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	world_client(&w, 9000, part(bytes, 9000, 16900));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_request_behind_the_body_of_an_upgrade_is_judged(void **state)
{
	(void)state;
	static const char upgrade[] = "POST / HTTP/1.1\r\nHost: good.example\r\nUpgrade: x\r\n"
				      "Content-Length: 5\r\n\r\n";
	uint32_t size = sizeof(upgrade) - 1;
	world_handshake(&w);
	world_client(&w, 0, view_text(upgrade));
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	world_server(&w, 0, view_text("HTTP/1.1 200 OK\r\n\r\n"), size);
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_client(&w, size, view_of("\0\0\0\0\0", 5));
	assert_took(FLOW_WATCH, FLOW_WHY_JUDGED);
	world_client(&w, size + 5, view_text("GET / HTTP/1.1\r\nHost: bad.example\r\n\r\n"));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_tunnel_that_is_asked_for_with_a_body_is_refused(void **state)
{
	(void)state;
	world_handshake(&w);
	world_client(&w, 0,
	             view_text("CONNECT good.example:443 HTTP/1.1\r\nHost: good.example\r\n"
	                       "Content-Length: 5\r\n\r\n"));
	assert_took(FLOW_REFUSE, FLOW_WHY_AMBIGUOUS);
}

static void
a_second_request_of_which_a_limit_is_reached_is_judged_as_far_as_it_is_there(void **state)
{
	(void)state;
	static char requests[17000];
	memset(requests, 'x', sizeof(requests));
	static const char begin[] = "GET / HTTP/1.1\r\nHost: good.example\r\n\r\n"
				    "GET / HTTP/1.1\r\nHost: bad.example\r\nX: ";
	memcpy(requests, begin, sizeof(begin) - 1);
	world_handshake(&w);
	world_client(&w, 0, view_of(requests, 9000));
	assert_took(FLOW_PASS, FLOW_WHY_PART);
	world_client(&w, 9000, view_of(requests + 9000, 8000));
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

static void a_hello_that_was_sent_too_soon_behind_starttls_hides_none(void **state)
{
	(void)state;
	static const char start[] = "STARTTLS\r\n", go[] = "220 go\r\n";
	static const struct view decoys[] = {{(const uint8_t *)"\x16\r\n", 3}, {NULL, 0}};
	for (unsigned i = 0; i < 2; i++) {
		struct view decoy = decoys[i].size ? decoys[i] : good;
		uint32_t at = sizeof(start) - 1;
		w.defaults.client_port = (uint16_t)(41000 + i);
		world_handshake(&w);
		world_server(&w, 0, view_text("220 mail\r\n"), 0);
		world_client(&w, 0, view_text(start));
		world_client(&w, at, decoy);
		at += (uint32_t)decoy.size;
		world_server(&w, 10, view_text(go), at);
		assert_int_equal(w.outcome.action, FLOW_PASS);
		struct packet_text t = w.defaults;
		t.flags = TCP_ACK;
		t.sequence = CLIENT_START + 1 + at;
		t.acknowledged = SERVER_START + 1 + 10 + sizeof(go) - 1;
		t.payload = bad;
		world_tcp(&w, &t);
		assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
	}
}

static void a_second_hello_behind_starttls_is_judged(void **state)
{
	(void)state;
	static const char start[] = "EHLO me\r\nSTARTTLS\r\n", go[] = "220 go\r\n";
	uint32_t size = sizeof(start) - 1, said = 10 + sizeof(go) - 1;
	struct packet_text t = {.flags = TCP_ACK,
	                        .sequence = CLIENT_START + 1 + size,
	                        .acknowledged = SERVER_START + 1 + said,
	                        .payload = good};
	world_handshake(&w);
	world_server(&w, 0, view_text("220 mail\r\n"), 0);
	world_client(&w, 0, view_text(start));
	world_server(&w, 10, view_text(go), size);
	world_tcp(&w, &t);
	world_server(&w, said, retry, size + (uint32_t)good.size);
	assert_took(FLOW_PASS, FLOW_WHY_WAITING);
	t.sequence += (uint32_t)good.size;
	t.acknowledged += (uint32_t)retry.size;
	t.payload = bad;
	world_tcp(&w, &t);
	assert_took(FLOW_REFUSE, FLOW_WHY_RULED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_allowed_hello_is_released_when_the_server_answers),
		TEST(a_refused_hello_reaches_nobody),
		TEST(a_hello_in_pieces_of_any_order_is_read),
		TEST(other_bytes_for_a_place_are_judged_too),
		TEST(a_retransmission_with_other_bytes_is_judged_until_the_server_has_them),
		TEST(what_no_end_host_takes_is_dropped),
		TEST(bytes_with_few_hops_left_count_when_they_come_again),
		TEST(an_urgent_byte_is_read_both_ways),
		TEST(a_second_hello_after_a_retry_request_is_judged),
		TEST(the_same_hello_again_after_a_retry_request_is_released),
		TEST(a_reset_of_the_client_does_not_end_what_the_server_keeps),
		TEST(a_syn_with_another_number_counts_when_the_server_answers_it),
		TEST(data_in_the_syn_is_read),
		TEST(every_request_of_a_connection_is_judged),
		TEST(what_was_queued_when_the_answers_were_let_by_is_not_the_last_of_them),
		TEST(requests_go_on_where_the_server_is_not_heard),
		TEST(a_request_behind_another_in_one_segment_is_judged),
		TEST(a_body_of_known_length_is_not_held),
		TEST(tls_in_a_tunnel_is_judged),
		TEST(what_is_not_known_names_nobody_and_is_released),
		TEST(a_server_that_speaks_first_is_released_unless_tls_may_follow),
		TEST(a_flow_whose_beginning_was_not_seen_is_judged_by_what_it_says),
		TEST(a_hello_in_single_bytes_of_any_order_is_read),
		TEST(other_bytes_for_a_place_among_very_many_pieces_are_ambiguous),
		TEST(limits_follow_their_rule),
		TEST(more_readings_than_can_be_judged_are_refused),
		TEST(what_a_flow_makes_us_read_again_is_bounded),
		TEST(a_full_table_gives_up_half_open_flows_first),
		TEST(a_query_is_judged_and_dropped_alone),
		TEST(queries_of_a_stream_are_judged_each),
		TEST(of_a_connection_that_the_kernel_follows_the_server_hello_need_not_come),
		TEST(what_else_a_server_says_is_heard_here),
		TEST(a_session_that_would_look_like_a_server_hello_is_not_left_to_the_kernel),
		TEST(an_answer_to_another_syn_begins_anew),
		TEST(who_was_connected_to_and_speaks_as_a_client_is_one),
		TEST(who_turned_out_to_be_a_client_is_released_by_the_others_answer_here),
		TEST(a_client_that_the_kernel_takes_for_the_server_is_never_left_to_it),
		TEST(a_watched_flow_of_which_more_is_wanted_says_so_once),
		TEST(an_awaited_flow_that_was_forgotten_is_refused),
		TEST(awaited_flows_give_way_to_new_ones_and_their_bytes),
		TEST(who_sends_from_a_low_port_is_a_client_all_the_same),
		TEST(more_names_than_are_read_are_refused),
		TEST(what_a_client_has_of_a_server_that_was_not_heard_may_be_acknowledged),
		TEST(a_query_of_a_stream_whose_length_looks_like_tls_is_judged),
		TEST(the_question_of_a_query_that_is_too_long_is_judged),
		TEST(a_request_behind_the_body_of_an_upgrade_is_judged),
		TEST(a_tunnel_that_is_asked_for_with_a_body_is_refused),
		TEST(a_second_request_of_which_a_limit_is_reached_is_judged_as_far_as_it_is_there),
		TEST(a_hello_that_was_sent_too_soon_behind_starttls_hides_none),
		TEST(a_second_hello_behind_starttls_is_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
