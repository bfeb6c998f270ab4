#include "refusal/page.h"
#include "tests/gate_packet/scene.h"
#include "tests/test.h"
#include "wire/dns_message.h"

static struct scene scene;

static const char client[] = "192.0.2.10", host[] = "203.0.113.80";

static bool is_passed(const struct packet_decision *d)
{
	return !d->is_dropped && d->reply_count == 0 &&
	       (d->mark & ~(unsigned)PACKET_MARK_COUNTED) != PACKET_MARK_REFUSED;
}

/* The text of all that was sent to the client, which ends its side and acknowledges all. */
static const char *read_page(const struct talk *t)
{
	static char text[PAGE_SIZE_MAX + 1];
	const struct packet_decision *d = &scene.decision;
	size_t size = 0;
	for (size_t i = 0; i < d->reply_count && d->replies[i].is_to_client; i++) {
		struct tcp_segment tcp = scene_reply(&scene, i, true);
		assert_int_equal(tcp.sequence, t->server_next + size);
		assert_int_equal(tcp.acknowledged, t->client_next);
		bool is_last = i + 1 == d->reply_count || !d->replies[i + 1].is_to_client;
		assert_int_equal(!!(tcp.flags & TCP_FIN), is_last);
		memcpy(text + size, tcp.payload.bytes, tcp.payload.size);
		size += tcp.payload.size;
	}
	text[size] = '\0';
	return text;
}

static void a_request_in_the_clear_gets_a_page_and_the_server_a_reset(void **state)
{
	(void)state;
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 80);
	uint32_t before = t.client_next;
	struct packet_decision *d =
		talk_client(&t, view_text("GET / HTTP/1.1\r\nHost: banned.example\r\n"
	                                  "Accept-Language: zh-TW\r\n\r\n"));
	assert_true(d->is_dropped);
	assert_int_equal(d->mark, PACKET_MARK_OPEN);
	const char *page = read_page(&t);
	char reference[EVENT_REFERENCE_SIZE];
	assert_non_null(strstr(page, "HTTP/1.1 451 "));
	assert_non_null(strstr(page, "lang=\"zh-TW\""));
	assert_non_null(strstr(page, "test-order"));
	assert_int_equal(scene.event_count, 1);
	assert_non_null(strstr(page, event_reference_print(scene.events[0].reference, reference)));
	assert_int_equal(scene.events[0].transport, EVENT_TRANSPORT_HTTP);
	struct tcp_segment to_server = scene_reply(&scene, d->reply_count - 1, false);
	assert_true(to_server.flags & TCP_RST);
	assert_int_equal(to_server.sequence, before);
	/* it reads the page, and ends its side */
	t.server_next += (uint32_t)strlen(page) + 1;
	d = talk_say(&t, true, TCP_ACK, (struct view){0});
	assert_true(d->is_dropped);
	assert_int_equal(d->reply_count, 0);
	d = talk_say(&t, true, TCP_ACK | TCP_FIN, (struct view){0});
	assert_true(d->is_dropped);
	assert_int_equal(d->mark, PACKET_MARK_NONE);
	struct tcp_segment end = scene_reply(&scene, 0, true);
	assert_int_equal(end.flags, TCP_ACK);
	assert_int_equal(end.acknowledged, t.client_next);
	assert_int_equal(scene.event_count, 1);
	scene_close(&scene);
}

static void a_client_that_did_not_hear_the_page_is_reset(void **state)
{
	(void)state;
	static const char request[] = "GET / HTTP/1.1\r\nHost: banned.example\r\n\r\n";
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 80);
	assert_true(talk_client(&t, view_text(request))->is_dropped);
	assert_true(scene_reply(&scene, 0, true).payload.size > 0);
	/* what it sends behind the request meets silence, so that it can read */
	assert_true(talk_client(&t, view_text("more"))->is_dropped);
	assert_int_equal(scene.decision.reply_count, 0);
	t.client_next -= (uint32_t)strlen(request) + 4;
	assert_true(talk_client(&t, view_text(request))->is_dropped);
	assert_true(scene_reply(&scene, 0, true).flags & TCP_RST);
	assert_int_equal(scene.event_count, 1);
	scene_close(&scene);
}

static void a_head_request_gets_no_body_and_connect_its_refusal(void **state)
{
	(void)state;
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 80);
	(void)talk_client(&t, view_text("HEAD / HTTP/1.1\r\nHost: banned.example\r\n\r\n"));
	const char *end = strstr(read_page(&t), "\r\n\r\n");
	assert_non_null(end);
	assert_string_equal(end, "\r\n\r\n");
	struct talk proxied = talk_open(&scene, client, 40001, host, 3128);
	(void)talk_client(&proxied, view_text("CONNECT banned.example:443 HTTP/1.1\r\n"
	                                      "Host: banned.example:443\r\n\r\n"));
	const char *page = read_page(&proxied);
	assert_non_null(strstr(page, "HTTP/1.1 451 "));
	assert_non_null(strstr(page, "<html"));
	scene_close(&scene);
}

static void a_request_of_which_the_server_has_a_part_gets_no_page(void **state)
{
	(void)state;
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 80);
	assert_true(is_passed(talk_client(&t, view_text("GET / HTTP/1.1\r\nHost: banned.ex"))));
	struct packet_decision *d = talk_client(&t, view_text("ample\r\n\r\n"));
	assert_true(d->is_dropped);
	assert_int_equal(d->mark, PACKET_MARK_REFUSED | PACKET_MARK_COUNTED);
	assert_true(scene_reply(&scene, 0, true).flags & TCP_RST);
	assert_true(scene_reply(&scene, 1, false).flags & TCP_RST);
	scene_close(&scene);
}

static void a_later_request_on_the_same_connection_is_judged_for_itself(void **state)
{
	(void)state;
	static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 80);
	assert_true(is_passed(
		talk_client(&t, view_text("GET / HTTP/1.1\r\nHost: fine.example\r\n\r\n"))));
	assert_true(is_passed(talk_server(&t, view_text(response))));
	assert_int_equal(scene.decision.mark, PACKET_MARK_WATCHED);
	assert_true(talk_client(&t, view_text("GET / HTTP/1.1\r\nHost: banned.example\r\n\r\n"))
	                    ->is_dropped);
	assert_non_null(strstr(read_page(&t), "HTTP/1.1 451 "));
	scene_close(&scene);
}

/* What an answer says. */
struct said {
	struct dns_header header;
	bool has_ede;
	char text[512];
};

static struct said said_of(struct view message)
{
	struct said said = {0};
	struct dns_walk w;
	struct dns_record r;
	assert_int_equal(dns_header_parse(message, &said.header), OK);
	assert_int_equal(dns_walk_open(message, &w), OK);
	while (dns_walk_next(&w, &r) > 0) {
		struct dns_edns edns = {0};
		if (r.type != DNS_TYPE_OPT || dns_edns_parse(r.class, r.ttl, r.rdata, &edns) < 0)
			continue;
		said.has_ede = edns.has_ede;
		memcpy(said.text, edns.ede_text.bytes, edns.ede_text.size);
	}
	return said;
}

static void a_query_to_another_resolver_is_answered_as_ours_would(void **state)
{
	(void)state;
	uint8_t query[512];
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = {.scene = &scene};
	talk_ends(&t, client, 40000, host, 53);
	struct packet_decision *d = talk_datagram(
		&t, fixture_query(query, "www.banned.example", DNS_TYPE_AAAA, 77, FIXTURE_EDNS));
	assert_true(d->is_dropped);
	/* another query may come on these ports */
	assert_int_equal(d->mark, PACKET_MARK_NONE);
	assert_int_equal(d->reply_count, 1);
	struct ip_packet ip;
	struct udp_datagram udp;
	assert_int_equal(ip_parse(d->replies[0].bytes, &ip), OK);
	assert_true(udp_is_sum_right(&ip));
	assert_int_equal(udp_parse(ip.payload, &udp), OK);
	assert_int_equal(udp.source_port, 53);
	assert_int_equal(udp.destination_port, 40000);
	struct said said = said_of(udp.payload);
	assert_int_equal(said.header.id, 77);
	assert_int_equal(said.header.flags & 15, DNS_RCODE_NXDOMAIN);
	assert_non_null(strstr(said.text, "Order test-order (art. 1) prohibits Banned Chat here."));
	assert_int_equal(scene.events[0].qtype, DNS_TYPE_AAAA);
	assert_int_equal(scene.events[0].transport, EVENT_TRANSPORT_UDP);
	d = talk_datagram(&t, fixture_query(query, "fine.example", DNS_TYPE_A, 78, FIXTURE_EDNS));
	assert_true(is_passed(d));
	d = talk_datagram(&t,
	                  fixture_query(query, "banned.example", DNS_TYPE_A, 79, FIXTURE_NO_EDNS));
	assert_true(d->is_dropped);
	assert_int_equal(d->reply_count, 1);
	scene_close(&scene);
}

static void a_query_over_tcp_is_answered_with_its_length(void **state)
{
	(void)state;
	uint8_t query[512], framed[514];
	scene_open(&scene, "", "enforce", NULL);
	struct talk t = talk_open(&scene, client, 40000, host, 53);
	struct view q = fixture_query(query, "banned.example", DNS_TYPE_A, 5, FIXTURE_EDNS);
	framed[0] = (uint8_t)(q.size >> 8);
	framed[1] = (uint8_t)q.size;
	memcpy(framed + 2, q.bytes, q.size);
	assert_true(talk_client(&t, view_of(framed, q.size + 2))->is_dropped);
	struct tcp_segment answer = scene_reply(&scene, 0, true);
	assert_int_equal(answer.payload.bytes[0] << 8 | answer.payload.bytes[1],
	                 answer.payload.size - 2);
	assert_true(answer.flags & TCP_FIN);
	struct said said = said_of(view_skip(answer.payload, 2));
	assert_int_equal(said.header.id, 5);
	assert_true(said.has_ede);
	assert_true(scene_reply(&scene, 1, false).flags & TCP_RST);
	assert_int_equal(scene.events[0].transport, EVENT_TRANSPORT_TCP);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_in_the_clear_gets_a_page_and_the_server_a_reset),
		cmocka_unit_test(a_client_that_did_not_hear_the_page_is_reset),
		cmocka_unit_test(a_head_request_gets_no_body_and_connect_its_refusal),
		cmocka_unit_test(a_request_of_which_the_server_has_a_part_gets_no_page),
		cmocka_unit_test(a_later_request_on_the_same_connection_is_judged_for_itself),
		cmocka_unit_test(a_query_to_another_resolver_is_answered_as_ours_would),
		cmocka_unit_test(a_query_over_tcp_is_answered_with_its_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
