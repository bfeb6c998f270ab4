/* The whole of the gate but its sockets: options, policy and upstream's answers as in the field. */
#include "tests/gate_dns/gate.h"
#include "wire/dns_svcb.h"

static const struct fixture_record plain[] = {{"www.good.example", DNS_TYPE_A, "203.0.113.5", {0}}};
static const struct fixture_record to_banned[] = {
	{"www.good.example", DNS_TYPE_CNAME, "edge.cdn.delivery.example", {0}},
	{"edge.cdn.delivery.example", DNS_TYPE_A, "203.0.113.5", {0}}};
static const struct fixture_record at_banned[] = {
	{"www.good.example", DNS_TYPE_A, "198.51.100.7", {0}}};

static void a_listed_name_does_not_exist_and_the_error_names_order_and_contact(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct said said = understand(g, ask(g, "127.0.0.1", "chat.banned.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(said.header.id, 77);
	assert_int_equal(said.records[DNS_ANSWER], 0);
	assert_int_equal(said.records[DNS_AUTHORITY], 1);
	const struct dns_record *soa = &said.first[DNS_AUTHORITY];
	struct view message = view_of(g->room, soa->end);
	struct dname owner, zone = fixture_name("banned.example");
	struct dns_soa data;
	assert_int_equal(soa->type, DNS_TYPE_SOA);
	assert_int_equal(dns_record_name(message, soa, &owner), OK);
	assert_true(dname_equal(&owner, &zone));
	assert_int_equal(soa->ttl, 60);
	assert_int_equal(dns_rdata_soa(message, soa, &data), OK);
	assert_int_equal(data.minimum, 60);
	assert_true(said.edns.has_ede);
	assert_int_equal(said.edns.ede_code, DNS_EDE_CENSORED);
	char text[BUFSIZ];
	(void)snprintf(text, sizeof(text), VIEW_FMT, VIEW_ARG(said.edns.ede_text));
	assert_string_equal(text, "Order test-order (art. 1) prohibits Banned Chat here. "
	                          "Contact: it@ministry.example.");
	assert_int_equal(dns_counted(&g->stats, DNS_BLOCKED), 1);
}

static void all_types_of_a_listed_name_are_blocked(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	static const uint16_t types[] = {
		DNS_TYPE_A,  DNS_TYPE_AAAA, DNS_TYPE_HTTPS, DNS_TYPE_SVCB, DNS_TYPE_TXT,
		DNS_TYPE_MX, DNS_TYPE_NS,   DNS_TYPE_CNAME, DNS_TYPE_ANY,  65280};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct said said = understand(g, ask(g, "127.0.0.1", "banned.example", types[i]));
		assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	}
}

static void a_client_without_edns_gets_no_opt(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct view packet =
		fixture_query(g->packet, "banned.example", DNS_TYPE_A, 1, FIXTURE_NO_EDNS);
	struct said said = understand(g, ask_packet(g, "127.0.0.1", DNS_OVER_UDP, packet));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	assert_false(said.edns.is_present);
}

static void check_form(const char *options, uint16_t type, uint16_t rcode, const char *address,
                       bool has_soa)
{
	cleanup(gate) struct gate *g = gate_new(options, "keep", "enforce");
	struct said said = understand(g, ask(g, "127.0.0.1", "banned.example", type));
	assert_int_equal(said.rcode, rcode);
	assert_int_equal(said.records[DNS_ANSWER], address ? 1 : 0);
	assert_int_equal(said.records[DNS_AUTHORITY], has_soa ? 1 : 0);
	assert_true(said.edns.has_ede);
	if (address) {
		struct address expected = fixture_address(address);
		assert_int_equal(said.first[DNS_ANSWER].type, type);
		assert_int_equal(said.first[DNS_ANSWER].rdata.size, expected.size);
		assert_memory_equal(said.first[DNS_ANSWER].rdata.bytes, expected.bytes,
		                    expected.size);
	}
}

static void every_form_of_block_answers_as_its_name_says(void **state)
{
	(void)state;
	static const char page[] =
		"block: {form: address, address4: 192.0.2.80, address6: '2001:db8::80'}";
	static const char page4[] = "block: {form: address, address4: 192.0.2.80}";
	check_form("block: {form: nxdomain}", DNS_TYPE_A, DNS_RCODE_NXDOMAIN, NULL, true);
	check_form("block: {form: nodata}", DNS_TYPE_A, DNS_RCODE_NOERROR, NULL, true);
	check_form("block: {form: refused}", DNS_TYPE_A, DNS_RCODE_REFUSED, NULL, false);
	check_form("block: {form: null}", DNS_TYPE_A, DNS_RCODE_NOERROR, "0.0.0.0", false);
	check_form("block: {form: null}", DNS_TYPE_AAAA, DNS_RCODE_NOERROR, "::", false);
	check_form("block: {form: null}", DNS_TYPE_HTTPS, DNS_RCODE_NOERROR, NULL, true);
	check_form(page, DNS_TYPE_A, DNS_RCODE_NOERROR, "192.0.2.80", false);
	check_form(page, DNS_TYPE_AAAA, DNS_RCODE_NOERROR, "2001:db8::80", false);
	check_form(page, DNS_TYPE_HTTPS, DNS_RCODE_NOERROR, NULL, true);
	check_form(page4, DNS_TYPE_AAAA, DNS_RCODE_NOERROR, NULL, true);
}

static void an_unlisted_name_is_asked_once_and_then_comes_from_the_cache(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct said said =
		understand(g, resolve(g, "127.0.0.1", "www.good.example", DNS_TYPE_A, plain, 1));
	assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
	assert_int_equal(said.first[DNS_ANSWER].ttl, 300);
	g->now.steady_us += 100 * SECOND_US;
	said = understand(g, ask(g, "192.0.2.1", "WWW.good.example", DNS_TYPE_A));
	assert_int_equal(said.records[DNS_ANSWER], 1);
	assert_int_equal(said.first[DNS_ANSWER].ttl, 200);
	assert_int_equal(dns_counted(&g->stats, DNS_CACHE_HITS), 1);
	g->now.steady_us += 200 * SECOND_US;
	assert_int_equal(ask(g, "127.0.0.1", "www.good.example", DNS_TYPE_A), DNS_CORE_ASK);
}

static void an_alias_of_something_listed_is_blocked_first_and_when_cached(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct said said = understand(
		g, resolve(g, "127.0.0.1", "www.good.example", DNS_TYPE_A, to_banned, 2));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	said = understand(g, ask(g, "127.0.0.1", "www.good.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(said.edns.ede_code, DNS_EDE_CENSORED);
	assert_int_equal(dns_counted(&g->stats, DNS_BLOCKED), 2);
	assert_int_equal(dns_counted(&g->stats, DNS_CACHE_HITS), 1);
}

static void an_address_of_a_product_is_blocked_under_any_name(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct said said = understand(
		g, resolve(g, "127.0.0.1", "www.good.example", DNS_TYPE_A, at_banned, 1));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
}

static void a_cached_answer_is_judged_for_each_client(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct said said = understand(
		g, resolve(g, "192.0.2.99", "www.good.example", DNS_TYPE_A, to_banned, 2));
	assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
	assert_int_equal(said.records[DNS_ANSWER], 2);
	said = understand(g, ask(g, "192.0.2.98", "www.good.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	said = understand(g, ask(g, "192.0.2.99", "www.good.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
}

static void the_target_and_the_hints_of_a_service_are_inspected(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t size;
	} services[] = {
#define SERVICE(text) {text, sizeof(text) - 1}
		SERVICE("\x00\x00\x03"
	                "cdn\x08"
	                "delivery\x07"
	                "example\x00"),
		SERVICE("\x00\x01\x00\x00\x04\x00\x04\xc6\x33\x64\x07"),
		SERVICE("\x00\x01\x00\x00\x06\x00\x10\x20\x01\x0d\xb8\x0b\xad\x00\x00\x00\x00\x00\x00"
	                "\x00\x00\x00\x01"),
	};
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
		struct fixture_record record = {"www.good.example", DNS_TYPE_HTTPS, NULL,
		                                view_of(services[i].bytes, services[i].size)};
		struct said said = understand(
			g, resolve(g, "127.0.0.1", "www.good.example", DNS_TYPE_HTTPS, &record, 1));
		assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	}
}

/* 1 . alpn=h2 ech=(4 bytes) */
#define ECH_SERVICE "\x00\x01\x00\x00\x01\x00\x03\x02h2\x00\x05\x00\x04\x01\x02\x03\x04"

static bool answer_has_ech(const struct said *said)
{
	struct dns_svcb svcb;
	struct view ech;
	assert_int_equal(said->first[DNS_ANSWER].type, DNS_TYPE_HTTPS);
	assert_int_equal(dns_svcb_parse(said->first[DNS_ANSWER].rdata, &svcb), OK);
	assert_int_equal(dns_svcb_find(&svcb, DNS_SVCB_ALPN, &ech), OK);
	return dns_svcb_find(&svcb, DNS_SVCB_ECH, &ech) == OK;
}

static void ech_goes_where_policy_says_and_the_record_stays(void **state)
{
	(void)state;
	struct fixture_record record = {"www.good.example", DNS_TYPE_HTTPS, NULL,
	                                view_of(ECH_SERVICE, sizeof(ECH_SERVICE) - 1)};
	for (int strips = 0; strips < 2; strips++) {
		cleanup(gate) struct gate *g = gate_new("", strips ? "strip" : "keep", "enforce");
		for (int cached = 0; cached < 2; cached++) {
			int size = cached ? ask(g, "127.0.0.1", "www.good.example", DNS_TYPE_HTTPS)
			                  : resolve(g, "127.0.0.1", "www.good.example",
			                            DNS_TYPE_HTTPS, &record, 1);
			struct said said = understand(g, size);
			assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
			assert_int_equal(answer_has_ech(&said), !strips);
		}
		assert_int_equal(dns_counted(&g->stats, DNS_ECH_STRIPPED), strips);
	}
}

static void another_policy_judges_what_is_cached_anew(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "observe");
	struct said said = understand(
		g, resolve(g, "127.0.0.1", "www.good.example", DNS_TYPE_A, to_banned, 2));
	assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
	assert_int_equal(dns_counted(&g->stats, DNS_OBSERVED), 1);
	struct buffer image = {0};
	struct policy strict;
	fixture_image("keep", "enforce", &image);
	assert_int_equal(policy_open(buffer_view(&image), &strict), OK);
	dns_core_set_policy(g->core, &strict);
	said = understand(g, ask(g, "127.0.0.1", "www.good.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(dns_counted(&g->stats, DNS_CACHE_HITS), 1);
	dns_core_set_policy(g->core, &g->policy);
	said = understand(g, ask(g, "127.0.0.1", "www.good.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
	buffer_done(&image);
}

static void an_observed_name_resolves_and_is_counted(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	assert_int_equal(ask(g, "127.0.0.1", "docs.banned.example", DNS_TYPE_A), DNS_CORE_ASK);
	assert_int_equal(dns_counted(&g->stats, DNS_OBSERVED), 1);
	assert_int_equal(dns_counted(&g->stats, DNS_BLOCKED), 0);
}

static void each_block_is_an_event_that_says_who_what_and_why(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct dns_stats stats = {0};
	struct ring ring, recorder;
	struct event_record event;
	assert_int_equal(ring_create(2, &ring), OK);
	assert_int_equal(ring_attach(dup(ring.memory_fd), dup(ring.wake_fd), 2, &recorder), OK);
	struct dns_core_setup setup = {.options = &g->options,
	                               .policy = &g->policy,
	                               .stats = &stats,
	                               .ring = &ring,
	                               .cache_size = 1 << 20,
	                               .seed = 5};
	dns_core_free(g->core);
	assert_int_equal(dns_core_new(&setup, &g->core), OK);
	understand(g, ask(g, "192.0.2.7", "chat.banned.example", DNS_TYPE_AAAA));
	assert_true(ring_take(&recorder, &event));
	struct dname name = fixture_name("chat.banned.example");
	assert_int_equal(event.verdict, EVENT_BLOCK);
	assert_int_equal(event.gate, EVENT_GATE_DNS);
	assert_int_equal(event.transport, EVENT_TRANSPORT_UDP);
	assert_int_equal(event.reason, REASON_PROHIBITED);
	assert_int_equal(event.qtype, DNS_TYPE_AAAA);
	assert_int_equal(event.time_us, FIXTURE_NOW_US);
	assert_int_equal(event.policy_version, policy_version(&g->policy));
	assert_int_equal(event.family, EVENT_FAMILY_IP4);
	assert_memory_equal(event.address, "\xc0\x00\x02\x07", 4);
	assert_int_equal(event.name_size, name.size);
	assert_memory_equal(event.name, name.bytes, name.size);
	assert_non_null(policy_identifier(&g->policy, event.identifier));
	assert_non_null(policy_obligation(&g->policy, event.obligation));
	assert_int_equal(ask(g, "192.0.2.7", "good.example", DNS_TYPE_A), DNS_CORE_ASK);
	assert_false(ring_take(&recorder, &event));
	for (int i = 0; i < 3; i++)
		understand(g, ask(g, "192.0.2.7", "chat.banned.example", DNS_TYPE_A));
	assert_int_equal(dns_counted(&stats, DNS_EVENTS), 3);
	assert_int_equal(dns_counted(&stats, DNS_EVENTS_LOST), 1);
	ring_done(&recorder);
	ring_done(&ring);
}

static void strangers_are_refused_at_a_bounded_rate(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("rate: {responses: 5, slip: 2}", "keep", "enforce");
	unsigned refused = 0, truncated = 0;
	for (int i = 0; i < 105; i++) {
		int size = ask(g, "203.0.113.9", i % 2 ? "banned.example" : "good.example",
		               DNS_TYPE_A);
		if (size == DNS_CORE_SILENT)
			continue;
		struct said said = understand(g, size);
		assert_int_equal(said.records[DNS_ANSWER], 0);
		if (said.header.flags & DNS_FLAG_TC) {
			truncated++;
			continue;
		}
		assert_int_equal(said.rcode, DNS_RCODE_REFUSED);
		assert_int_equal(said.edns.ede_code, DNS_EDE_PROHIBITED);
		refused++;
	}
	assert_int_equal(refused, 5);
	assert_int_equal(truncated, 50);
	assert_int_equal(dns_counted(&g->stats, DNS_UNSERVED), 105);
	assert_int_equal(dns_counted(&g->stats, DNS_LIMIT_DROPPED), 50);
}

static uint16_t rcode_of(struct gate *g, uint16_t type)
{
	struct said said = understand(g, ask(g, "127.0.0.1", "good.example", type));
	return said.rcode;
}

static void what_is_not_offered_is_refused(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	assert_int_equal(rcode_of(g, DNS_TYPE_AXFR), DNS_RCODE_REFUSED);
	assert_int_equal(rcode_of(g, DNS_TYPE_IXFR), DNS_RCODE_REFUSED);
	assert_int_equal(rcode_of(g, DNS_TYPE_OPT), DNS_RCODE_FORMERR);
	assert_int_equal(rcode_of(g, 253), DNS_RCODE_NOTIMP);
	struct view packet =
		fixture_query(g->packet, "version.bind", DNS_TYPE_TXT, 1, FIXTURE_EDNS);
	g->packet[DNS_HEADER_SIZE + 14 + 3] = DNS_CLASS_CH;
	assert_int_equal(understand(g, ask_packet(g, "127.0.0.1", DNS_OVER_UDP, packet)).rcode,
	                 DNS_RCODE_REFUSED);
	packet = fixture_query(g->packet, "good.example", DNS_TYPE_A, 1, FIXTURE_EDNS);
	g->packet[2] = 0; /* no RD */
	assert_int_equal(understand(g, ask_packet(g, "127.0.0.1", DNS_OVER_UDP, packet)).rcode,
	                 DNS_RCODE_REFUSED);
	assert_int_equal(dns_counted(&g->stats, DNS_NOT_OFFERED), 6);
}

static void any_is_answered_with_as_little_as_possible(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct said said = understand(g, ask(g, "127.0.0.1", "good.example", DNS_TYPE_ANY));
	assert_int_equal(said.records[DNS_ANSWER], 1);
	assert_int_equal(said.first[DNS_ANSWER].type, DNS_TYPE_HINFO);
	assert_int_equal(said.first[DNS_ANSWER].rdata.size, 9);
}

static void malformed_packets_get_an_error_or_silence_and_are_counted(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct view whole = fixture_query(g->packet, "good.example", DNS_TYPE_A, 9, FIXTURE_EDNS);
	unsigned silent = 0, formerr = 0;
	for (size_t size = 0; size < whole.size; size++) {
		int r = ask_packet(g, "127.0.0.1", DNS_OVER_UDP, view_of(whole.bytes, size));
		if (r == DNS_CORE_SILENT) {
			silent++;
			continue;
		}
		formerr += understand(g, r).rcode == DNS_RCODE_FORMERR;
	}
	assert_int_equal(silent, DNS_HEADER_SIZE);
	assert_int_equal(formerr, whole.size - DNS_HEADER_SIZE);
	assert_int_equal(dns_counted(&g->stats, DNS_MALFORMED_SILENT), silent);
	assert_int_equal(dns_counted(&g->stats, DNS_MALFORMED_FORMERR), formerr);
	enum { OPT_SIZE = 11, OPT_VERSION = 6 };
	g->packet[whole.size - OPT_SIZE + OPT_VERSION] = 1;
	assert_int_equal(understand(g, ask_packet(g, "127.0.0.1", DNS_OVER_UDP, whole)).rcode,
	                 DNS_RCODE_BADVERS);
	g->packet[2] |= 0x80; /* a response */
	assert_int_equal(ask_packet(g, "127.0.0.1", DNS_OVER_UDP, whole), DNS_CORE_SILENT);
	g->packet[2] = 0x28; /* opcode UPDATE */
	assert_int_equal(understand(g, ask_packet(g, "127.0.0.1", DNS_OVER_UDP, whole)).rcode,
	                 DNS_RCODE_NOTIMP);
}

static void an_answer_never_exceeds_what_the_client_takes(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	static uint8_t text[200];
	struct fixture_record records[12];
	text[0] = sizeof(text) - 1;
	for (size_t i = 0; i < 12; i++)
		records[i] = (struct fixture_record){"long.good.example", DNS_TYPE_TXT, NULL,
		                                     view_of(text, sizeof(text))};
	assert_true(resolve(g, "127.0.0.1", "long.good.example", DNS_TYPE_TXT, records, 12) <=
	            1232);
	static const struct {
		uint16_t udp_size;
		enum dns_transport transport;
		int size_max;
		bool truncated;
	} rows[] = {{0, DNS_OVER_UDP, 512, true},
	            {100, DNS_OVER_UDP, 512, true},
	            {800, DNS_OVER_UDP, 800, true},
	            {4096, DNS_OVER_UDP, 1232, true},
	            {0, DNS_OVER_TCP, 65535, false}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view packet = fixture_query(g->packet, "long.good.example", DNS_TYPE_TXT, 1,
		                                   rows[i].udp_size);
		int size = ask_packet(g, "127.0.0.1", rows[i].transport, packet);
		struct said said = understand(g, size);
		assert_in_range(size, DNS_HEADER_SIZE, rows[i].size_max);
		assert_int_equal(!!(said.header.flags & DNS_FLAG_TC), rows[i].truncated);
		assert_int_equal(said.records[DNS_ANSWER] == 12, !rows[i].truncated);
	}
}

static void a_failure_of_the_upstream_is_kept_for_a_moment(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct dns_question question = {.name = fixture_name("good.example"), .type = DNS_TYPE_A};
	struct upstream_answer failed = {.rcode = DNS_RCODE_SERVFAIL}, bogus = {.is_bogus = true};
	dns_core_learn(g->core, &question, &failed, &g->now);
	struct said said = understand(g, ask(g, "127.0.0.1", "good.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_SERVFAIL);
	assert_int_equal(said.edns.ede_code, DNS_EDE_NO_REACHABLE_AUTHORITY);
	dns_core_learn(g->core, &question, &bogus, &g->now);
	said = understand(g, ask(g, "127.0.0.1", "good.example", DNS_TYPE_A));
	assert_int_equal(said.edns.ede_code, DNS_EDE_DNSSEC_BOGUS);
	g->now.steady_us += 5 * SECOND_US;
	assert_int_equal(ask(g, "127.0.0.1", "good.example", DNS_TYPE_A), DNS_CORE_ASK);
}

static void an_answer_that_is_not_one_is_a_failure(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct dns_question question = {
		.name = fixture_name("good.example"), .type = DNS_TYPE_A, .class = DNS_CLASS_IN};
	struct view other = fixture_query(g->packet, "mood.example", DNS_TYPE_A, 1, FIXTURE_EDNS);
	const struct upstream_answer answers[] = {
		{.packet = view_text("no packet at all, just text")},
		{.packet = fixture_answer(g->upstream, other, plain, 1)}, /* to another question */
	};
	for (unsigned i = 0; i < 2; i++) {
		dns_core_learn(g->core, &question, &answers[i], &g->now);
		struct said said = understand(g, ask(g, "127.0.0.1", "good.example", DNS_TYPE_A));
		assert_int_equal(said.rcode, DNS_RCODE_SERVFAIL);
		assert_int_equal(said.edns.ede_code, DNS_EDE_INVALID_DATA);
		assert_int_equal(dns_counted(&g->stats, DNS_UPSTREAM_MALFORMED), i + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_listed_name_does_not_exist_and_the_error_names_order_and_contact),
		cmocka_unit_test(all_types_of_a_listed_name_are_blocked),
		cmocka_unit_test(a_client_without_edns_gets_no_opt),
		cmocka_unit_test(every_form_of_block_answers_as_its_name_says),
		cmocka_unit_test(an_unlisted_name_is_asked_once_and_then_comes_from_the_cache),
		cmocka_unit_test(an_alias_of_something_listed_is_blocked_first_and_when_cached),
		cmocka_unit_test(an_address_of_a_product_is_blocked_under_any_name),
		cmocka_unit_test(a_cached_answer_is_judged_for_each_client),
		cmocka_unit_test(the_target_and_the_hints_of_a_service_are_inspected),
		cmocka_unit_test(ech_goes_where_policy_says_and_the_record_stays),
		cmocka_unit_test(another_policy_judges_what_is_cached_anew),
		cmocka_unit_test(an_observed_name_resolves_and_is_counted),
		cmocka_unit_test(each_block_is_an_event_that_says_who_what_and_why),
		cmocka_unit_test(strangers_are_refused_at_a_bounded_rate),
		cmocka_unit_test(what_is_not_offered_is_refused),
		cmocka_unit_test(any_is_answered_with_as_little_as_possible),
		cmocka_unit_test(malformed_packets_get_an_error_or_silence_and_are_counted),
		cmocka_unit_test(an_answer_never_exceeds_what_the_client_takes),
		cmocka_unit_test(a_failure_of_the_upstream_is_kept_for_a_moment),
		cmocka_unit_test(an_answer_that_is_not_one_is_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
