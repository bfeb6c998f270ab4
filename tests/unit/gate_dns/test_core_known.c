/* What is kept: when its time is over, before it is, and when the policy changes. */
#include "gate/dns/renewals.h"
#include "tests/gate_dns/gate.h"
#include "wire/dns_ech.h"

#define CLIENT "127.0.0.1"

enum { TTL = 300 };

static const struct fixture_record plain[] = {{"www.good.example", DNS_TYPE_A, "203.0.113.5", {0}}};
static const struct fixture_record to_banned[] = {
	{"www.good.example", DNS_TYPE_CNAME, "edge.cdn.delivery.example", {0}},
	{"edge.cdn.delivery.example", DNS_TYPE_A, "203.0.113.5", {0}}};

static void pass(struct gate *g, int64_t seconds)
{
	g->now.steady_us += seconds * SECOND_US;
}

static void keep(struct gate *g, const struct fixture_record *records, size_t count)
{
	assert_true(resolve(g, CLIENT, "www.good.example", DNS_TYPE_A, records, count) > 0);
}

static int ask_good(struct gate *g)
{
	return ask(g, CLIENT, "www.good.example", DNS_TYPE_A);
}

static const struct known *learn(struct gate *g, const char *name,
                                 const struct upstream_answer *answer)
{
	struct dns_question question = {
		.name = fixture_name(name), .type = DNS_TYPE_A, .class = DNS_CLASS_IN};
	return dns_core_learn(g->core, &question, answer, &g->now);
}

/* The question of the last ask() fails; returns what its client gets. */
static struct said upstream_fails(struct gate *g, bool is_bogus)
{
	struct upstream_answer answer = {.rcode = is_bogus ? 0 : DNS_RCODE_SERVFAIL,
	                                 .is_bogus = is_bogus};
	const struct known *known = learn(g, "www.good.example", &answer);
	struct dns_client client = {.address = fixture_address(CLIENT)};
	struct dns_query query;
	uint8_t packet[512];
	struct view asked = fixture_query(packet, "www.good.example", DNS_TYPE_A, 77, FIXTURE_EDNS);
	assert_int_equal(dns_query_parse(asked, &query), DNS_QUERY_OK);
	return understand(g,
	                  dns_core_finish(g->core, known, &query, &client, &g->now, g->room, ROOM));
}

static void assert_stale(const struct said *said)
{
	assert_int_equal(said->rcode, DNS_RCODE_NOERROR);
	assert_int_equal(said->records[DNS_ANSWER], 1);
	assert_int_equal(said->first[DNS_ANSWER].ttl, DNS_STALE_TTL);
	assert_true(said->edns.has_ede);
	assert_int_equal(said->edns.ede_code, DNS_EDE_STALE_ANSWER);
}

static void when_the_upstream_fails_what_is_kept_serves_on_and_it_is_not_asked_at_once(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	keep(g, plain, 1);
	pass(g, TTL);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	struct said said = upstream_fails(g, false);
	assert_stale(&said);
	pass(g, 29);
	said = understand(g, ask_good(g));
	assert_stale(&said);
	pass(g, 1);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	assert_int_equal(dns_counted(&g->stats, DNS_CACHE_STALE), 2);
	/* and when it is back */
	keep(g, plain, 1);
	said = understand(g, ask_good(g));
	assert_int_equal(said.first[DNS_ANSWER].ttl, TTL);
	assert_false(said.edns.has_ede);
}

static void that_a_name_does_not_exist_serves_on_as_well(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct dns_query query;
	struct dns_builder b;
	struct dns_soa soa = {.primary = fixture_name("ns.example"),
	                      .mailbox = fixture_name("root.example"),
	                      .minimum = 60};
	struct dname zone = fixture_name("good.example");
	struct view packet =
		fixture_query(g->packet, "www.good.example", DNS_TYPE_A, 77, FIXTURE_EDNS);
	assert_int_equal(dns_query_parse(packet, &query), DNS_QUERY_OK);
	dns_build_open(&b, g->upstream, sizeof(g->upstream), &query, DNS_RCODE_NXDOMAIN, NULL);
	dns_build_soa(&b, &zone, 60, &soa);
	int size = dns_build_close(&b);
	assert_true(size > 0);
	struct upstream_answer none = {.packet = view_of(g->upstream, (size_t)size)};
	assert_false(learn(g, "www.good.example", &none)->is_failure);
	pass(g, 60);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	struct said said = upstream_fails(g, false);
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(said.edns.ede_code, DNS_EDE_STALE_NXDOMAIN);
}

static void nothing_serves_longer_than_the_option_says(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("cache: {stale_max: 1 h}", "keep", "enforce");
	keep(g, plain, 1);
	pass(g, TTL + 3599);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	struct said said = upstream_fails(g, false);
	assert_stale(&said);
	pass(g, 1);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	said = upstream_fails(g, false);
	assert_int_equal(said.rcode, DNS_RCODE_SERVFAIL);
	cleanup(gate) struct gate *never = gate_new("cache: {stale_max: 0 s}", "keep", "enforce");
	keep(never, plain, 1);
	pass(never, TTL);
	assert_int_equal(ask_good(never), DNS_CORE_ASK);
	said = upstream_fails(never, false);
	assert_int_equal(said.rcode, DNS_RCODE_SERVFAIL);
}

static void an_answer_that_was_forged_is_not_covered_up(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	keep(g, plain, 1);
	pass(g, TTL);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	struct said said = upstream_fails(g, true);
	assert_int_equal(said.rcode, DNS_RCODE_SERVFAIL);
	assert_int_equal(said.edns.ede_code, DNS_EDE_DNSSEC_BOGUS);
}

static void a_stale_answer_is_judged_like_any_other(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "observe");
	keep(g, to_banned, 2);
	pass(g, TTL);
	struct buffer image = {0};
	struct policy policy;
	fixture_image("keep", "enforce", &image);
	assert_int_equal(policy_open(buffer_view(&image), &policy), OK);
	dns_core_set_policy(g->core, &policy);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	struct said said = upstream_fails(g, false);
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(said.edns.ede_code, DNS_EDE_CENSORED);
	buffer_done(&image);
}

static int stale(struct gate *g, const char *name)
{
	struct dns_client client = {.address = fixture_address(CLIENT)};
	struct dns_query query;
	struct view asked = fixture_query(g->packet, name, DNS_TYPE_A, 77, FIXTURE_EDNS);
	assert_int_equal(dns_query_parse(asked, &query), DNS_QUERY_OK);
	return dns_core_stale(g->core, &query, &client, &g->now, g->room, ROOM);
}

static void who_has_waited_for_long_gets_what_is_kept_and_the_next_do_not_wait(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	keep(g, plain, 1);
	pass(g, TTL);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	struct said said = understand(g, stale(g, "www.good.example"));
	assert_stale(&said);
	said = understand(g, ask_good(g));
	assert_stale(&said);
	assert_int_equal(stale(g, "other.good.example"), DNS_CORE_SILENT);
}

static void an_answer_in_the_last_tenth_of_its_time_is_asked_for_again_once(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct dns_question question;
	struct dname name = fixture_name("www.good.example");
	keep(g, plain, 1);
	pass(g, TTL * 9 / 10);
	assert_true(ask_good(g) > 0);
	assert_false(dns_core_renewal(g->core, &g->now, &question));
	pass(g, 1);
	assert_true(ask_good(g) > 0 && ask_good(g) > 0);
	assert_true(dns_core_renewal(g->core, &g->now, &question));
	assert_true(dname_equal(&question.name, &name));
	assert_int_equal(question.type, DNS_TYPE_A);
	assert_int_equal(question.class, DNS_CLASS_IN);
	assert_false(dns_core_renewal(g->core, &g->now, &question));
	/* that it fails does no harm */
	struct said said = upstream_fails(g, false);
	assert_int_equal(said.first[DNS_ANSWER].ttl, TTL / 10 - 1);
	assert_false(said.edns.has_ede);
	assert_true(ask_good(g) > 0);
	assert_false(dns_core_renewal(g->core, &g->now, &question));
}

static void no_more_is_renewed_at_a_time_than_there_is_room_for(void **state)
{
	(void)state;
	enum { OVER = 10 };
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	cleanup(gate) struct gate *off = gate_new("cache: {prefetch: no}", "keep", "enforce");
	struct dns_question question;
	char name[64];
	for (int i = 0; i < RENEWALS_MAX + OVER; i++) {
		(void)snprintf(name, sizeof(name), "n%d.good.example", i);
		struct fixture_record record = {name, DNS_TYPE_A, "203.0.113.5", {0}};
		assert_true(resolve(g, CLIENT, name, DNS_TYPE_A, &record, 1) > 0);
		assert_true(resolve(off, CLIENT, name, DNS_TYPE_A, &record, 1) > 0);
	}
	pass(g, TTL - 1);
	pass(off, TTL - 1);
	for (int i = 0; i < RENEWALS_MAX + OVER; i++) {
		(void)snprintf(name, sizeof(name), "n%d.good.example", i);
		assert_true(ask(g, CLIENT, name, DNS_TYPE_A) > 0);
		assert_true(ask(off, CLIENT, name, DNS_TYPE_A) > 0);
	}
	int count = 0;
	while (dns_core_renewal(g->core, &g->now, &question))
		count++;
	assert_int_equal(count, RENEWALS_MAX);
	assert_int_equal(dns_counted(&g->stats, DNS_CACHE_RENEWALS), RENEWALS_MAX);
	assert_int_equal(dns_counted(&g->stats, DNS_CACHE_RENEWALS_FULL), OVER);
	assert_true(dns_core_renewal_us(off->core) == RENEWALS_NEVER);
	assert_false(dns_core_renewal(off->core, &off->now, &question));
}

/* As the resolver of the gate itself does, which keeps the answer up to the end of its last second by the wall
 * clock: half a second later here. */
static void keep_repeated(struct gate *g)
{
	struct fixture_record record = plain[0];
	g->now.wall_us += SECOND_US / 2 - g->now.wall_us % SECOND_US;
	struct view packet =
		fixture_query(g->packet, "www.good.example", DNS_TYPE_A, 77, FIXTURE_EDNS);
	struct upstream_answer answer = {.packet = fixture_answer(g->upstream, packet, &record, 1),
	                                 .is_repeated = true};
	assert_false(learn(g, "www.good.example", &answer)->is_failure);
}

static void pass_on_both_clocks(struct gate *g, int64_t us)
{
	g->now.steady_us += us;
	g->now.wall_us += us;
}

static void what_the_resolver_keeps_too_is_asked_for_again_when_that_has_ended(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct dns_question question;
	keep_repeated(g);
	int64_t end_us = g->now.steady_us + TTL * SECOND_US + SECOND_US / 2;
	pass_on_both_clocks(g, (TTL - 1) * SECOND_US);
	assert_true(ask_good(g) > 0 && ask_good(g) > 0);
	assert_true(dns_core_renewal_us(g->core) == end_us);
	assert_false(dns_core_renewal(g->core, &g->now, &question));
	/* up to then it is what the resolver would say */
	pass_on_both_clocks(g, end_us - 1 - g->now.steady_us);
	struct said said = understand(g, ask_good(g));
	assert_int_equal(said.first[DNS_ANSWER].ttl, 0);
	assert_false(said.edns.has_ede);
	pass_on_both_clocks(g, 1);
	assert_true(dns_core_renewal(g->core, &g->now, &question));
	assert_int_equal(question.type, DNS_TYPE_A);
	assert_false(dns_core_renewal(g->core, &g->now, &question));
	assert_true(dns_core_renewal_us(g->core) == RENEWALS_NEVER);
	assert_int_equal(dns_counted(&g->stats, DNS_CACHE_RENEWALS), 1);
	/* a client that comes before the answer waits for it */
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	assert_int_equal(dns_counted(&g->stats, DNS_CACHE_STALE), 0);
}

static void what_a_client_had_asked_for_again_already_is_left_alone(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct dns_question question;
	keep_repeated(g);
	pass_on_both_clocks(g, (TTL - 1) * SECOND_US);
	assert_true(ask_good(g) > 0);
	pass_on_both_clocks(g, 2 * SECOND_US);
	keep_repeated(g);
	assert_false(dns_core_renewal(g->core, &g->now, &question));
	assert_int_equal(dns_counted(&g->stats, DNS_CACHE_RENEWALS), 0);
}

/* The table of questions may be full by then: nobody is to believe that the upstream fails. */
static void that_it_is_to_be_asked_for_again_is_no_reason_to_serve_on(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct dns_question question;
	keep(g, plain, 1);
	pass(g, TTL - 1);
	assert_true(ask_good(g) > 0);
	assert_true(dns_core_renewal(g->core, &g->now, &question));
	pass(g, 1);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
}

/* As a computer whose clock was wrong by an hour: what the resolver keeps does not become fresh again here. */
static void a_clock_set_back_does_not_prolong_what_is_kept(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct dns_question question;
	keep_repeated(g);
	g->now.wall_us -= 3600 * SECOND_US;
	pass_on_both_clocks(g, (TTL - 1) * SECOND_US);
	assert_true(ask_good(g) > 0);
	assert_true(dns_core_renewal_us(g->core) <= g->now.steady_us + 3 * SECOND_US);
	pass_on_both_clocks(g, 3 * SECOND_US);
	assert_int_equal(ask_good(g), DNS_CORE_ASK);
	assert_true(dns_core_renewal(g->core, &g->now, &question));
}

static void a_failure_is_not_asked_for_again_before_its_time_is_over(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("cache: {failure_ttl: 100 s}", "keep", "enforce");
	struct upstream_answer none = {.rcode = DNS_RCODE_SERVFAIL};
	assert_true(learn(g, "www.good.example", &none)->is_failure);
	pass(g, 99);
	assert_int_equal(understand(g, ask_good(g)).rcode, DNS_RCODE_SERVFAIL);
	assert_true(dns_core_renewal_us(g->core) == RENEWALS_NEVER);
}

static void what_was_banned_meanwhile_is_not_asked_for_again(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "observe");
	struct fixture_record record = {"chat.banned.example", DNS_TYPE_A, "203.0.113.5", {0}};
	struct dns_question question;
	struct buffer image = {0};
	struct policy policy;
	assert_true(resolve(g, CLIENT, "chat.banned.example", DNS_TYPE_A, &record, 1) > 0);
	pass(g, TTL - 1);
	assert_true(ask(g, CLIENT, "chat.banned.example", DNS_TYPE_A) > 0);
	fixture_image("keep", "enforce", &image);
	assert_int_equal(policy_open(buffer_view(&image), &policy), OK);
	dns_core_set_policy(g->core, &policy);
	assert_false(dns_core_renewal(g->core, &g->now, &question));
	buffer_done(&image);
}

static void a_forged_answer_takes_nothing_away_whose_time_is_not_over(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	keep(g, plain, 1);
	pass(g, TTL - 1);
	struct upstream_answer forged = {.is_bogus = true};
	(void)learn(g, "www.good.example", &forged);
	assert_int_equal(understand(g, ask_good(g)).rcode, DNS_RCODE_NOERROR);
}

/* The answer that is kept cannot serve under the new policy, so the failure is what is known. */
static void a_failure_is_kept_where_the_policy_has_no_use_for_what_was(void **state)
{
	(void)state;
	static const char with[] = "\0\1\0\0\1\0\3\2h2\0\5\0\4abcd";
	struct fixture_record record = {"www.good.example", DNS_TYPE_HTTPS, NULL,
	                                view_of(with, sizeof(with) - 1)};
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	assert_true(resolve(g, CLIENT, "www.good.example", DNS_TYPE_HTTPS, &record, 1) > 0);
	struct buffer image = {0};
	struct policy policy;
	fixture_image("strip", "enforce", &image);
	assert_int_equal(policy_open(buffer_view(&image), &policy), OK);
	dns_core_set_policy(g->core, &policy);
	assert_int_equal(ask(g, CLIENT, "www.good.example", DNS_TYPE_HTTPS), DNS_CORE_ASK);
	struct dns_question question = {.name = fixture_name("www.good.example"),
	                                .type = DNS_TYPE_HTTPS,
	                                .class = DNS_CLASS_IN};
	struct upstream_answer none = {.rcode = DNS_RCODE_SERVFAIL};
	assert_true(dns_core_learn(g->core, &question, &none, &g->now)->is_failure);
	struct said said = understand(g, ask(g, CLIENT, "www.good.example", DNS_TYPE_HTTPS));
	assert_int_equal(said.rcode, DNS_RCODE_SERVFAIL);
	buffer_done(&image);
}

/* It waits for the records as they are, and gets those. */
static void who_checks_signatures_itself_is_not_told_of_a_failed_validation_when_late(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	struct upstream_answer forged = {.is_bogus = true};
	assert_true(learn(g, "www.good.example", &forged)->is_failure);
	assert_int_equal(stale(g, "www.good.example"), DNS_CORE_SILENT);
}

static void what_was_changed_is_not_said_to_be_authenticated(void **state)
{
	(void)state;
	static const char with[] = "\0\1\0\0\1\0\3\2h2\0\5\0\4abcd";
	struct fixture_record record = {"www.good.example", DNS_TYPE_HTTPS, NULL,
	                                view_of(with, sizeof(with) - 1)};
	static const char *const handling[] = {"keep", "strip"};
	for (size_t i = 0; i < 2; i++) {
		cleanup(gate) struct gate *g = gate_new("", handling[i], "enforce");
		struct view packet = fixture_query(g->packet, "www.good.example", DNS_TYPE_HTTPS,
		                                   77, FIXTURE_EDNS);
		struct upstream_answer secure = {
			.packet = fixture_answer(g->upstream, packet, &record, 1),
			.is_secure = true};
		struct dns_question question = {.name = fixture_name("www.good.example"),
		                                .type = DNS_TYPE_HTTPS,
		                                .class = DNS_CLASS_IN};
		const struct known *known = dns_core_learn(g->core, &question, &secure, &g->now);
		assert_false(known->is_failure);
		assert_int_equal(known->answer.is_authenticated, i == 0);
	}
}

/* Keeps an HTTPS record, with or without `ech`, under one way to handle it, and returns whether it is still there
 * under another. */
static bool is_kept(const char *before, const char *after, bool has_ech)
{
	static const char with[] = "\0\1\0\0\1\0\3\2h2\0\5\0\4abcd";
	static const char without[] = "\0\1\0\0\1\0\3\2h2";
	struct fixture_record record = {"www.good.example", DNS_TYPE_HTTPS, NULL,
	                                has_ech ? view_of(with, sizeof(with) - 1)
	                                        : view_of(without, sizeof(without) - 1)};
	cleanup(gate) struct gate *g = gate_new("", before, "enforce");
	assert_true(resolve(g, CLIENT, "www.good.example", DNS_TYPE_HTTPS, &record, 1) > 0);
	struct buffer image = {0};
	struct policy policy;
	fixture_image(after, "enforce", &image);
	assert_int_equal(policy_open(buffer_view(&image), &policy), OK);
	dns_core_set_policy(g->core, &policy);
	bool kept = ask(g, CLIENT, "www.good.example", DNS_TYPE_HTTPS) > 0;
	if (kept && has_ech) {
		struct said said =
			understand(g, ask(g, CLIENT, "www.good.example", DNS_TYPE_HTTPS));
		struct view rdata = said.first[DNS_ANSWER].rdata;
		assert_int_equal(rdata.size == sizeof(with) - 1, strcmp(after, "strip") != 0);
	}
	buffer_done(&image);
	return kept;
}

static void a_service_stays_kept_while_the_policy_treats_its_keys_alike(void **state)
{
	(void)state;
	assert_true(is_kept("keep", "keep", true));
	assert_true(is_kept("strip", "strip", true));
	assert_true(is_kept("keep", "strip-governed", true));
	assert_true(is_kept("keep", "strip", false));
	assert_true(is_kept("strip", "keep", false));
	assert_false(is_kept("keep", "strip", true));
	assert_false(is_kept("strip", "keep", true));
}

static void a_name_that_was_banned_while_its_answer_was_waited_for_is_blocked(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "observe");
	struct view packet =
		fixture_query(g->packet, "chat.banned.example", DNS_TYPE_A, 77, FIXTURE_EDNS);
	struct dns_client client = {.address = fixture_address(CLIENT)};
	struct dns_query query;
	assert_int_equal(dns_core_query(g->core, packet, &client, &g->now, &query, g->room, ROOM),
	                 DNS_CORE_ASK);
	struct buffer image = {0};
	struct policy policy;
	fixture_image("keep", "enforce", &image);
	assert_int_equal(policy_open(buffer_view(&image), &policy), OK);
	dns_core_set_policy(g->core, &policy);
	struct fixture_record record = {"chat.banned.example", DNS_TYPE_A, "203.0.113.5", {0}};
	struct upstream_answer answer = {.packet = fixture_answer(g->upstream, packet, &record, 1)};
	const struct known *known = learn(g, "chat.banned.example", &answer);
	struct said said = understand(
		g, dns_core_finish(g->core, known, &query, &client, &g->now, g->room, ROOM));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(said.edns.ede_code, DNS_EDE_CENSORED);
	assert_int_equal(dns_counted(&g->stats, DNS_OBSERVED), 1);
	buffer_done(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			when_the_upstream_fails_what_is_kept_serves_on_and_it_is_not_asked_at_once),
		cmocka_unit_test(that_a_name_does_not_exist_serves_on_as_well),
		cmocka_unit_test(nothing_serves_longer_than_the_option_says),
		cmocka_unit_test(an_answer_that_was_forged_is_not_covered_up),
		cmocka_unit_test(a_stale_answer_is_judged_like_any_other),
		cmocka_unit_test(
			who_has_waited_for_long_gets_what_is_kept_and_the_next_do_not_wait),
		cmocka_unit_test(an_answer_in_the_last_tenth_of_its_time_is_asked_for_again_once),
		cmocka_unit_test(no_more_is_renewed_at_a_time_than_there_is_room_for),
		cmocka_unit_test(
			what_the_resolver_keeps_too_is_asked_for_again_when_that_has_ended),
		cmocka_unit_test(what_a_client_had_asked_for_again_already_is_left_alone),
		cmocka_unit_test(that_it_is_to_be_asked_for_again_is_no_reason_to_serve_on),
		cmocka_unit_test(a_clock_set_back_does_not_prolong_what_is_kept),
		cmocka_unit_test(a_failure_is_not_asked_for_again_before_its_time_is_over),
		cmocka_unit_test(what_was_banned_meanwhile_is_not_asked_for_again),
		cmocka_unit_test(a_forged_answer_takes_nothing_away_whose_time_is_not_over),
		cmocka_unit_test(a_failure_is_kept_where_the_policy_has_no_use_for_what_was),
		cmocka_unit_test(
			who_checks_signatures_itself_is_not_told_of_a_failed_validation_when_late),
		cmocka_unit_test(what_was_changed_is_not_said_to_be_authenticated),
		cmocka_unit_test(a_service_stays_kept_while_the_policy_treats_its_keys_alike),
		cmocka_unit_test(a_name_that_was_banned_while_its_answer_was_waited_for_is_blocked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
