/* Cookies and limits: what a client must prove, and how much it may have. */
#include "tests/gate_dns/gate.h"

#define STRANGER "203.0.113.9"
#define CLIENT_COOKIE  \
	"\0\x0a\0\x08" \
	"clientck"

static int ask_with(struct gate *g, const char *client, enum dns_transport transport,
                    const char *name, struct view options)
{
	return ask_packet(g, client, transport, query_with(g, name, DNS_TYPE_A, options));
}

/* Asks with the cookie that the last answer gave. */
static int ask_again(struct gate *g, const char *client, const char *name, const struct said *last)
{
	uint8_t options[64];
	struct writer w = writer_open(options, sizeof(options));
	write_u16(&w, DNS_OPTION_COOKIE);
	write_u16(&w, (uint16_t)last->edns.cookie.size);
	write_view(&w, last->edns.cookie);
	return ask_with(g, client, DNS_OVER_UDP, name, view_of(options, writer_size(&w)));
}

static void who_sends_a_cookie_gets_a_whole_one_in_every_kind_of_answer(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	static const char *const clients[] = {"127.0.0.1", STRANGER};
	for (size_t i = 0; i < 2; i++) {
		struct said said =
			understand(g, ask_with(g, clients[i], DNS_OVER_UDP, "banned.example",
		                               OPTIONS(CLIENT_COOKIE)));
		assert_int_equal(said.edns.cookie.size, COOKIE_SIZE);
		assert_memory_equal(said.edns.cookie.bytes, "clientck", COOKIE_CLIENT_SIZE);
	}
	struct said said = understand(g, ask(g, "127.0.0.1", "banned.example", DNS_TYPE_A));
	assert_int_equal(said.edns.cookie.size, 0);
}

static void cookies_can_be_switched_off(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("cookies: no", "keep", "enforce");
	struct said said = understand(g, ask_with(g, "127.0.0.1", DNS_OVER_UDP, "banned.example",
	                                          OPTIONS(CLIENT_COOKIE)));
	assert_int_equal(said.edns.cookie.size, 0);
}

static void a_stranger_over_the_rate_is_asked_for_our_cookie_and_then_believed(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("rate: {responses: 1, slip: 1}", "keep", "enforce");
	struct view cookie = OPTIONS(CLIENT_COOKIE);
	struct said said =
		understand(g, ask_with(g, STRANGER, DNS_OVER_UDP, "good.example", cookie));
	assert_int_equal(said.rcode, DNS_RCODE_REFUSED);
	said = understand(g, ask_with(g, STRANGER, DNS_OVER_UDP, "good.example", cookie));
	assert_int_equal(said.rcode, DNS_RCODE_BADCOOKIE);
	assert_false(said.header.flags & DNS_FLAG_TC);
	for (int i = 0; i < 20; i++) {
		said = understand(g, ask_again(g, STRANGER, "good.example", &said));
		assert_int_equal(said.rcode, DNS_RCODE_REFUSED);
	}
	assert_int_equal(dns_counted(&g->stats, DNS_COOKIES_DEMANDED), 1);
	assert_int_equal(dns_counted(&g->stats, DNS_COOKIES_BELIEVED), 20);
	/* another's cookie proves nothing */
	said = understand(g, ask_again(g, "203.0.113.77", "good.example", &said));
	assert_int_equal(said.rcode, DNS_RCODE_BADCOOKIE);
}

static void a_stranger_who_knows_no_cookies_is_told_to_come_by_tcp(void **state)
{
	(void)state;
	for (uint16_t edns = 0; edns <= 1232; edns += 1232) {
		cleanup(gate) struct gate *g =
			gate_new("rate: {responses: 1, slip: 1}", "keep", "enforce");
		struct said said = {0};
		for (int i = 0; i < 2; i++)
			said = understand(g, ask_packet(g, STRANGER, DNS_OVER_UDP,
			                                fixture_query(g->packet, "good.example",
			                                              DNS_TYPE_A, 1, edns)));
		assert_true(said.header.flags & DNS_FLAG_TC);
		assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
		assert_int_equal(dns_counted(&g->stats, DNS_LIMIT_TRUNCATED), 1);
	}
}

static void a_cookie_without_a_question_is_answered_by_one(void **state)
{
	(void)state;
	static const char packet[] =
		"\x12\x34\x01\0\0\0\0\0\0\0\0\1\0\0\x29\x04\xd0\0\0\0\0\0\x0c" CLIENT_COOKIE;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct said said = understand(g, ask_packet(g, "127.0.0.1", DNS_OVER_UDP, OPTIONS(packet)));
	assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
	assert_int_equal(said.header.counts[DNS_QUESTION], 0);
	assert_int_equal(said.edns.cookie.size, COOKIE_SIZE);
	assert_int_equal(dns_counted(&g->stats, DNS_MALFORMED_FORMERR), 0);
	cleanup(gate) struct gate *without = gate_new("cookies: no", "keep", "enforce");
	said = understand(without, ask_packet(without, "127.0.0.1", DNS_OVER_UDP, OPTIONS(packet)));
	assert_int_equal(said.rcode, DNS_RCODE_FORMERR);
}

static void who_asks_for_the_servers_identifier_gets_it_if_there_is_one(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("nsid: gate-1", "keep", "enforce");
	cleanup(gate) struct gate *nameless = gate_new("", "keep", "enforce");
	struct view asks = OPTIONS("\0\3\0\0");
	struct said said =
		understand(g, ask_with(g, "127.0.0.1", DNS_OVER_UDP, "banned.example", asks));
	struct view options = said.edns.options, value;
	uint16_t code;
	assert_int_equal(dns_option_next(&options, &code, &value), 1);
	assert_int_equal(code, DNS_OPTION_NSID);
	assert_true(view_is(value, "gate-1"));
	said = understand(g, ask(g, "127.0.0.1", "banned.example", DNS_TYPE_A));
	assert_false(said.edns.has_nsid);
	said = understand(nameless,
	                  ask_with(nameless, "127.0.0.1", DNS_OVER_UDP, "banned.example", asks));
	assert_false(said.edns.has_nsid);
}

static void a_client_of_the_organisation_has_a_rate_only_if_there_is_one(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("rate: {client_queries: 3}", "keep", "enforce");
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			understand(g, ask(g, "192.0.2.1", "banned.example", DNS_TYPE_A)).rcode,
			DNS_RCODE_NXDOMAIN);
	struct said said = understand(g, ask(g, "192.0.2.1", "banned.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_REFUSED);
	assert_true(said.edns.has_ede);
	assert_int_equal(dns_counted(&g->stats, DNS_LIMIT_CLIENT), 1);
	said = understand(g, ask(g, "192.0.2.2", "banned.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	g->now.steady_us += SECOND_US;
	said = understand(g, ask(g, "192.0.2.1", "banned.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
}

static int miss(struct gate *g, const char *name)
{
	int size = ask(g, "127.0.0.1", name, DNS_TYPE_A);
	struct dname asked = fixture_name(name);
	if (size == DNS_CORE_ASK)
		dns_core_sent(g->core, &asked, &g->now);
	return size;
}

static void a_flood_of_names_that_do_not_exist_leaves_other_names_alone(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("rate: {misses: 10}", "keep", "enforce");
	unsigned asked = 0;
	for (int i = 0; i < 110; i++) {
		char name[64];
		(void)snprintf(name, sizeof(name), "r%d.victim.example", i);
		int size = miss(g, name);
		if (size == DNS_CORE_ASK) {
			asked++;
			continue;
		}
		struct said said = understand(g, size);
		assert_int_equal(said.rcode, DNS_RCODE_SERVFAIL);
		assert_true(said.edns.has_ede && said.edns.ede_text.size);
	}
	assert_int_equal(asked, 20);
	assert_int_equal(dns_counted(&g->stats, DNS_LIMIT_MISSES), 90);
	assert_int_equal(miss(g, "www.other.example"), DNS_CORE_ASK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_sends_a_cookie_gets_a_whole_one_in_every_kind_of_answer),
		cmocka_unit_test(cookies_can_be_switched_off),
		cmocka_unit_test(
			a_stranger_over_the_rate_is_asked_for_our_cookie_and_then_believed),
		cmocka_unit_test(a_stranger_who_knows_no_cookies_is_told_to_come_by_tcp),
		cmocka_unit_test(a_cookie_without_a_question_is_answered_by_one),
		cmocka_unit_test(who_asks_for_the_servers_identifier_gets_it_if_there_is_one),
		cmocka_unit_test(a_client_of_the_organisation_has_a_rate_only_if_there_is_one),
		cmocka_unit_test(a_flood_of_names_that_do_not_exist_leaves_other_names_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
