/* What a core tells, read as the query log and dnstap have it. */
#include <sodium.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "gate/dns/core.h"
#include "gate/dns/tap.h"
#include "gate/dns/tap_dnstap.h"
#include "gate/dns/tap_line.h"
#include "tests/gate_dns/fixture.h"
#include "tests/test.h"

enum { ROOM = 65535, QUEUE = 1 << 20 };

struct gate {
	struct arena arena;
	struct dns_options options;
	struct buffer image, line;
	struct policy policy;
	struct dns_stats stats;
	struct tap_queue *queue;
	struct tap *tap;
	struct dns_core *core;
	struct tap_client_key key;
	uint8_t packet[512], room[ROOM], upstream[4096], frame[TAP_FRAME_SIZE_MAX];
};

static struct gate *gate_new(enum tap_scope scope, bool wants_unanswered, const char *mode)
{
	struct gate *g = calloc(1, sizeof(*g));
	assert_non_null(g);
	arena_init(&g->arena, 0);
	fixture_options("", &g->arena, &g->options);
	fixture_image("keep", mode, &g->image);
	assert_int_equal(policy_open(buffer_view(&g->image), &g->policy), OK);
	assert_int_equal(tap_queue_new(QUEUE, -1, &g->queue), OK);
	struct tap_sink sink = {g->queue, scope, wants_unanswered, DNS_QUERY_LOG_DROPPED};
	assert_int_equal(tap_new(&sink, 1, &g->stats, &g->tap), OK);
	struct dns_core_setup setup = {.options = &g->options,
	                               .policy = &g->policy,
	                               .stats = &g->stats,
	                               .tap = g->tap,
	                               .cache_size = 1 << 20,
	                               .seed = 5};
	assert_int_equal(dns_core_new(&setup, &g->core), OK);
	return g;
}

static void gate_free(struct gate *g)
{
	dns_core_free(g->core);
	tap_free(g->tap);
	tap_queue_free(g->queue);
	buffer_done(&g->image);
	buffer_done(&g->line);
	arena_done(&g->arena);
	free(g);
}
DEFINE_CLEANUP(gate, struct gate *, gate_free);

static int ask_packet(struct gate *g, const char *client, struct view packet,
                      struct dns_query *query)
{
	struct dns_client c = {.address = fixture_address(client)};
	struct dns_moment now = {FIXTURE_NOW_US, clock_monotonic_us()};
	return dns_core_query(g->core, packet, &c, &now, query, g->room, ROOM);
}

static int ask(struct gate *g, const char *client, const char *name)
{
	struct dns_query query;
	return ask_packet(g, client, fixture_query(g->packet, name, DNS_TYPE_A, 77, FIXTURE_EDNS),
	                  &query);
}

/* As the exchange does it: the answer of an upstream, then telling. */
static void resolve(struct gate *g, const char *client, const char *name,
                    const struct fixture_record *record)
{
	struct dns_query query;
	struct view packet = fixture_query(g->packet, name, DNS_TYPE_A, 77, FIXTURE_EDNS);
	assert_int_equal(ask_packet(g, client, packet, &query), DNS_CORE_ASK);
	struct dns_client c = {.address = fixture_address(client)};
	struct dns_moment now = {FIXTURE_NOW_US, clock_monotonic_us()};
	struct upstream_answer answer = {.packet = fixture_answer(g->upstream, packet, record, 1)};
	struct dns_question question = {.name = query.name, .type = DNS_TYPE_A, .class = 1};
	const struct known *known = dns_core_learn(g->core, &question, &answer, &now);
	int size = dns_core_finish(g->core, known, &query, &c, &now, g->room, ROOM);
	struct tap_query told = {.query = &query,
	                         .client = &c.address,
	                         .source = TAP_FROM_UPSTREAM,
	                         .asked_us = now.steady_us,
	                         .answer = view_of(g->room, (size_t)size)};
	tap_tell(g->tap, &told);
}

static bool tells_nothing(struct gate *g)
{
	return tap_queue_peek(g->queue) == NULL;
}

/* Its parts stay where they are until more is told. */
static struct tap_record next(struct gate *g)
{
	const struct tap_record *r = tap_queue_peek(g->queue);
	struct tap_record record = {0};
	assert_non_null(r);
	if (r)
		record = *r;
	tap_queue_release(g->queue);
	return record;
}

static const char *next_line(struct gate *g, enum tap_clients clients)
{
	struct tap_record r = next(g);
	g->line.size = 0;
	r.asked_at_us = FIXTURE_NOW_US; /* and not the clock's */
	r.took_us = 12;
	tap_line_print(&r, clients, &g->key, &g->line);
	buffer_add(&g->line, "", 1);
	return (const char *)g->line.bytes;
}

static const struct fixture_record plain = {"www.good.example", DNS_TYPE_A, "203.0.113.5", {0}};
static const struct fixture_record banned = {"www.good.example", DNS_TYPE_A, "198.51.100.7", {0}};

static void a_block_is_one_line_with_its_order(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(TAP_BLOCKED, false, "enforce");
	assert_true(ask(g, "192.0.2.7", "chat.banned.example") > 0);
	assert_string_equal(
		next_line(g, TAP_CLIENTS_FULL),
		"{\"time\":\"2026-01-01T00:00:00Z\",\"client\":\"192.0.2.7\","
		"\"transport\":\"udp\",\"name\":\"chat.banned.example\",\"type\":\"A\","
		"\"rcode\":\"NXDOMAIN\",\"verdict\":\"block\",\"reason\":\"prohibited\","
		"\"order\":\"test-order\",\"obligation\":1,\"product\":\"banned\","
		"\"identifier\":\"site\",\"source\":\"gate\",\"duration_us\":12}\n");
	assert_true(tells_nothing(g));
}

static void each_scope_holds_what_it_says(void **state)
{
	(void)state;
	static const struct {
		enum tap_scope scope;
		const char *mode;
		unsigned told; /* of: listed from upstream and from cache, plain likewise */
	} cases[] = {{TAP_BLOCKED, "enforce", 2},  {TAP_OBSERVED, "enforce", 2},
	             {TAP_ALL, "enforce", 4},      {TAP_BLOCKED, "observe", 0},
	             {TAP_OBSERVED, "observe", 2}, {TAP_ALL, "observe", 4}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup(gate) struct gate *g = gate_new(cases[i].scope, false, cases[i].mode);
		unsigned told = 0;
		struct fixture_record other = {"www.other.example", DNS_TYPE_A, "203.0.113.5", {0}};
		resolve(g, "127.0.0.1", "www.good.example", &banned);
		assert_true(ask(g, "127.0.0.1", "www.good.example") > 0);
		resolve(g, "127.0.0.1", "www.other.example", &other);
		assert_true(ask(g, "127.0.0.1", "www.other.example") > 0);
		for (; !tells_nothing(g); told++)
			(void)next(g);
		assert_int_equal(told, cases[i].told);
	}
}

static void an_observed_name_is_observed_though_its_answer_came_later(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(TAP_OBSERVED, false, "observe");
	struct fixture_record record = {"chat.banned.example", DNS_TYPE_A, "203.0.113.5", {0}};
	resolve(g, "127.0.0.1", "chat.banned.example", &record);
	struct tap_record r = next(g);
	assert_int_equal(r.action, VERDICT_OBSERVE);
	assert_int_equal(r.source, TAP_FROM_UPSTREAM);
	assert_true(view_is(r.parts[TAP_ORDER], "test-order"));
}

static void a_verdict_is_of_its_own_query_only(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(TAP_ALL, false, "enforce");
	assert_true(ask(g, "127.0.0.1", "chat.banned.example") > 0);
	resolve(g, "127.0.0.1", "www.good.example", &plain);
	assert_int_equal(next(g).action, VERDICT_BLOCK);
	struct tap_record r = next(g);
	assert_int_equal(r.action, VERDICT_ALLOW);
	assert_int_equal(r.parts[TAP_ORDER].size, 0);
}

static void a_stranger_has_neither_unit_nor_verdict(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(TAP_ALL, false, "enforce");
	assert_true(ask(g, "203.0.113.1", "chat.banned.example") > 0);
	assert_string_equal(next_line(g, TAP_CLIENTS_NONE),
	                    "{\"time\":\"2026-01-01T00:00:00Z\",\"transport\":\"udp\","
	                    "\"name\":\"chat.banned.example\",\"type\":\"A\","
	                    "\"rcode\":\"REFUSED\",\"source\":\"gate\",\"duration_us\":12}\n");
}

static void another_version_of_edns_is_named_by_its_whole_code(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(TAP_ALL, false, "enforce");
	struct view packet =
		fixture_query(g->packet, "www.good.example", DNS_TYPE_A, 1, FIXTURE_EDNS);
	struct dns_query query;
	g->packet[packet.size - 5] = 1; /* the version, before flags and an empty length */
	assert_true(ask_packet(g, "127.0.0.1", packet, &query) > 0);
	assert_non_null(strstr(next_line(g, TAP_CLIENTS_NONE), "\"rcode\":\"BADVERS\""));
}

static void a_query_that_waits_is_told_before_its_answer_where_wanted(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(TAP_ALL, true, "enforce");
	struct tap_frames form = {.clients = TAP_CLIENTS_FULL};
	resolve(g, "127.0.0.1", "www.good.example", &plain);
	struct tap_record r = next(g);
	assert_true(tap_frame_query(&form, &r, g->frame) > 0);
	assert_int_equal(tap_frame_answer(&form, &r, g->frame), 0);
	r = next(g);
	assert_int_equal(tap_frame_query(&form, &r, g->frame), 0);
	assert_true(tap_frame_answer(&form, &r, g->frame) > 0);
	assert_true(tells_nothing(g));
}

static void what_is_forwarded_is_told_where_wanted_and_nowhere_else(void **state)
{
	(void)state;
	struct endpoint server = {{192, 0, 2, 53}, 5353, ADDRESS_V4};
	for (int wants = 0; wants < 2; wants++) {
		cleanup(gate) struct gate *g = gate_new(TAP_ALL, true, "enforce");
		struct tap_sink sink = {g->queue, TAP_ALL, true, DNS_DNSTAP_DROPPED, wants};
		struct tap_frames form = {.clients = TAP_CLIENTS_NONE};
		struct tap *tap;
		assert_int_equal(tap_new(&sink, 1, &g->stats, &tap), OK);
		struct tap_forwarded told = {.server = &server,
		                             .over = DNS_OVER_TLS,
		                             .asked_us = clock_monotonic_us(),
		                             .query = view_text("a query, as it is")};
		tap_tell_forwarded(tap, &told);
		tap_free(tap);
		if (!wants) {
			assert_true(tells_nothing(g));
			continue;
		}
		struct tap_record r = next(g);
		size_t size = tap_frame_query(&form, &r, g->frame);
		/* type 7, a family, DoT; server and port; the whole message */
		assert_non_null(
			memmem(g->frame, size,
		               "\x08\x07\x10\x01\x18\x03\x2a\x04\xc0\x00\x02\x35\x38\xe9\x29", 15));
		assert_non_null(memmem(g->frame, size, "a query, as it is", 17));
		assert_int_equal(tap_frame_answer(&form, &r, g->frame), 0);
	}
}

static void clients_are_told_as_far_as_was_chosen(void **state)
{
	(void)state;
	struct tap_client_key key = {0};
	char text[TAP_CLIENT_TEXT_SIZE], again[TAP_CLIENT_TEXT_SIZE];
	struct address v4 = fixture_address("192.0.2.77");
	struct address v6 = fixture_address("2001:db8:1:2::77");
	int64_t at = FIXTURE_NOW_US;
	assert_null(tap_client_print(&v4, TAP_CLIENTS_NONE, at, &key, text));
	assert_string_equal(tap_client_print(&v4, TAP_CLIENTS_NETWORK, at, &key, text),
	                    "192.0.2.0/24");
	assert_string_equal(tap_client_print(&v6, TAP_CLIENTS_NETWORK, at, &key, text),
	                    "2001:db8:1::/48");
	assert_string_equal(tap_client_print(&v6, TAP_CLIENTS_FULL, at, &key, text),
	                    "2001:db8:1:2::77");
	tap_client_print(&v4, TAP_CLIENTS_PSEUDONYM, at, &key, text);
	assert_string_equal(tap_client_print(&v4, TAP_CLIENTS_PSEUDONYM, at + 1, &key, again),
	                    text);
	assert_string_not_equal(tap_client_print(&v6, TAP_CLIENTS_PSEUDONYM, at, &key, again),
	                        text);
	tap_client_print(&v4, TAP_CLIENTS_PSEUDONYM, at + DAY_US, &key, again);
	assert_string_not_equal(again, text);
	assert_int_equal(tap_client_address(&v4, TAP_CLIENTS_PSEUDONYM).size, 0);
	assert_int_equal(tap_client_address(&v4, TAP_CLIENTS_NONE).size, 0);
}

static void a_full_queue_costs_no_answer_and_is_counted(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(TAP_BLOCKED, false, "enforce");
	for (unsigned i = 0; i < QUEUE / 256; i++)
		assert_true(ask(g, "127.0.0.1", "chat.banned.example") > 0);
	uint64_t dropped = tap_queue_take_drops(g->queue);
	assert_true(dropped > 0);
	assert_int_equal(dns_counted(&g->stats, DNS_QUERY_LOG_DROPPED), dropped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_one_line_with_its_order),
		cmocka_unit_test(each_scope_holds_what_it_says),
		cmocka_unit_test(an_observed_name_is_observed_though_its_answer_came_later),
		cmocka_unit_test(a_verdict_is_of_its_own_query_only),
		cmocka_unit_test(a_stranger_has_neither_unit_nor_verdict),
		cmocka_unit_test(another_version_of_edns_is_named_by_its_whole_code),
		cmocka_unit_test(a_query_that_waits_is_told_before_its_answer_where_wanted),
		cmocka_unit_test(what_is_forwarded_is_told_where_wanted_and_nowhere_else),
		cmocka_unit_test(clients_are_told_as_far_as_was_chosen),
		cmocka_unit_test(a_full_queue_costs_no_answer_and_is_counted),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
