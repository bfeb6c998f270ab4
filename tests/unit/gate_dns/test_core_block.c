/* What blocked names are answered with, by rule, unit and product; and canaries. */
#include "tests/gate_dns/gate.h"

#define HEAD                                                    \
	"organisation: test\n"                                  \
	"name: Test\n"                                          \
	"classes: [central-agency]\n"                           \
	"contact: it@ministry.example\n"                        \
	"networks: [{prefix: 127.0.0.0/24}, {prefix: '::1'}]\n" \
	"units: [{id: lab, networks: [{prefix: 192.0.2.0/24}]}]\n"

#define ALIAS                     \
	HEAD "jurisdiction: TW\n" \
	     "adoptions: [{order: test-order, answer: {cname: portal.example}}]\n"

#define EXEMPT                                                                                 \
	"exemptions:\n"                                                                        \
	"  - {id: e1, order: test-order, product: banned, reason: R., clients: [127.0.0.9],\n" \
	"     approvals: [{role: head, by: H, at: 2025-01-01}],\n"                             \
	"     not_before: 2025-01-01, not_after: 2026-01-01T00:00:01Z}\n"

static const struct fixture_record portal[] = {
	{"portal.example", DNS_TYPE_CNAME, "web.portal.example", {0}},
	{"web.portal.example", DNS_TYPE_A, "203.0.113.80", {0}}};

static void assert_asked(const struct gate *g, const char *name, uint16_t type, bool is_redirect)
{
	const struct dns_asked *asked = dns_core_asked(g->core);
	struct dname expected = fixture_name(name);
	assert_true(dname_equal(&asked->question.name, &expected));
	assert_int_equal(asked->question.type, type);
	assert_int_equal(asked->redirect.is_set, is_redirect);
}

/* Who waits with that query for the alias is told what is known of it. */
static int tell_waiting(struct gate *g, const struct dns_asked *asked, const char *name,
                        uint16_t type, const struct known *known)
{
	uint8_t waiting[512];
	struct dns_query query;
	struct dns_client c = {.address = fixture_address("127.0.0.1")};
	assert_int_equal(
		dns_query_parse(fixture_query(waiting, name, type, 77, FIXTURE_EDNS), &query),
		DNS_QUERY_OK);
	return dns_core_redirected(g->core, &asked->redirect, known, &query, &c, &g->now, g->room,
	                           ROOM);
}

/* The same with what the upstream says of the alias that was asked for. */
static int redirect(struct gate *g, const char *name, uint16_t type,
                    const struct fixture_record *records, size_t count)
{
	struct dns_asked asked = *dns_core_asked(g->core);
	char text[DNAME_TEXT_SIZE];
	uint8_t packet[512];
	struct view question = fixture_query(packet, dname_print(&asked.question.name, text),
	                                     asked.question.type, 1, 0);
	struct upstream_answer answer = {.rcode = DNS_RCODE_SERVFAIL};
	if (count)
		answer = (struct upstream_answer){
			.packet = fixture_answer(g->upstream, question, records, count)};
	const struct known *known = dns_core_learn(g->core, &asked.question, &answer, &g->now);
	return tell_waiting(g, &asked, name, type, known);
}

static struct said redirected(struct gate *g, const char *name, uint16_t type,
                              const struct fixture_record *records, size_t count)
{
	return understand(g, redirect(g, name, type, records, count));
}

static void assert_portal(const struct gate *g, const struct said *said)
{
	assert_int_equal(said->rcode, DNS_RCODE_NOERROR);
	assert_int_equal(said->records[DNS_ANSWER], 3);
	assert_int_equal(said->records[DNS_AUTHORITY], 0);
	assert_int_equal(said->first[DNS_ANSWER].type, DNS_TYPE_CNAME);
	assert_int_equal(said->first[DNS_ANSWER].ttl, 60);
	assert_true(said->edns.has_ede);
	assert_int_equal(said->edns.ede_code, DNS_EDE_CENSORED);
	assert_non_null(memmem(g->room, 512, "\xcb\x00\x71\x50", 4)); /* 203.0.113.80 */
}

static void an_alias_is_answered_with_its_addresses_first_and_from_the_cache(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_of("", ALIAS);
	assert_int_equal(ask(g, "127.0.0.1", "chat.banned.example", DNS_TYPE_A), DNS_CORE_ASK);
	assert_asked(g, "portal.example", DNS_TYPE_A, true);
	assert_int_equal(g->stats.counts[DNS_BLOCKED], 1);
	struct said said = redirected(g, "chat.banned.example", DNS_TYPE_A, portal, 2);
	assert_portal(g, &said);
	said = understand(g, ask(g, "127.0.0.1", "Other.Banned.example", DNS_TYPE_A));
	assert_portal(g, &said);
	assert_int_equal(g->stats.counts[DNS_BLOCKED], 2);
}

static void an_alias_stands_alone_where_its_target_would_not_be_followed(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_of("", ALIAS);
	static const uint16_t types[] = {DNS_TYPE_CNAME, DNS_TYPE_TXT, DNS_TYPE_ANY, DNS_TYPE_MX};
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct said said = understand(g, ask(g, "127.0.0.1", "banned.example", types[i]));
		assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
		assert_int_equal(said.records[DNS_ANSWER], 1);
		assert_int_equal(said.first[DNS_ANSWER].type, DNS_TYPE_CNAME);
	}
}

static void what_is_kept_of_an_alias_serves_on_while_the_upstream_fails(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_of("", ALIAS);
	assert_int_equal(ask(g, "127.0.0.1", "banned.example", DNS_TYPE_A), DNS_CORE_ASK);
	struct said said = redirected(g, "banned.example", DNS_TYPE_A, portal, 2);
	assert_portal(g, &said);
	g->now.steady_us += 3600 * SECOND_US;
	for (int i = 0; i < 2; i++) { /* it fails; it is silent */
		assert_int_equal(ask(g, "127.0.0.1", "banned.example", DNS_TYPE_A), DNS_CORE_ASK);
		struct dns_asked asked = *dns_core_asked(g->core);
		said = i == 0 ? redirected(g, "banned.example", DNS_TYPE_A, NULL, 0)
		              : understand(g, tell_waiting(g, &asked, "banned.example", DNS_TYPE_A,
		                                           NULL));
		assert_portal(g, &said);
		g->now.steady_us += 31 * SECOND_US;
	}
}

static void a_block_stays_one_when_its_alias_cannot_be_resolved(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_of("", ALIAS);
	assert_int_equal(ask(g, "127.0.0.1", "banned.example", DNS_TYPE_AAAA), DNS_CORE_ASK);
	struct said said = redirected(g, "banned.example", DNS_TYPE_AAAA, NULL, 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
		assert_int_equal(said.records[DNS_ANSWER], 1);
		assert_true(said.edns.has_ede);
		said = understand(g, ask(g, "127.0.0.1", "banned.example", DNS_TYPE_AAAA));
	}
}

/* The old policy is gone when the new one decides. */
static void change_policy(struct gate *g, const char *organisation)
{
	buffer_done(&g->image);
	fixture_compile(organisation, (struct view){0}, &g->image);
	assert_int_equal(policy_open(buffer_view(&g->image), &g->policy), OK);
	dns_core_set_policy(g->core, &g->policy);
}

/* That becomes the policy while a block waits for its alias. */
static struct gate *changed_while_waiting(const char *organisation)
{
	struct gate *g = gate_of("", ALIAS);
	assert_int_equal(ask(g, "127.0.0.1", "banned.example", DNS_TYPE_A), DNS_CORE_ASK);
	change_policy(g, organisation);
	return g;
}

static void a_block_that_waited_through_a_change_of_policy_is_answered_by_the_new(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = changed_while_waiting(ALIAS);
	struct said said = redirected(g, "banned.example", DNS_TYPE_A, portal, 2);
	assert_portal(g, &said);
}

static void one_whose_alias_is_another_now_waits_for_that(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = changed_while_waiting(
		HEAD "jurisdiction: TW\n"
		     "adoptions: [{order: test-order, answer: {cname: desk.example}}]\n");
	assert_int_equal(redirect(g, "banned.example", DNS_TYPE_A, portal, 2), DNS_CORE_ASK);
	assert_asked(g, "desk.example", DNS_TYPE_A, true);
}

static void one_that_is_allowed_now_waits_for_its_own_answer(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = changed_while_waiting(HEAD "jurisdiction: XX\n");
	assert_int_equal(redirect(g, "banned.example", DNS_TYPE_A, portal, 2), DNS_CORE_ASK);
	assert_asked(g, "banned.example", DNS_TYPE_A, false);
}

static void one_that_has_waited_too_long_gets_the_new_alias_alone(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = changed_while_waiting(ALIAS);
	struct dns_asked asked = *dns_core_asked(g->core);
	struct said said =
		understand(g, tell_waiting(g, &asked, "banned.example", DNS_TYPE_A, NULL));
	assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
	assert_int_equal(said.records[DNS_ANSWER], 1);
	assert_int_equal(said.edns.ede_code, DNS_EDE_CENSORED);
}

static void an_alias_to_the_blocked_name_itself_leads_nowhere(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_of(
		"", HEAD "jurisdiction: TW\n"
			 "adoptions: [{order: test-order, answer: {cname: go.banned.example}}]\n");
	struct said said = understand(g, ask(g, "127.0.0.1", "go.banned.example", DNS_TYPE_A));
	assert_int_equal(said.records[DNS_ANSWER], 0);
	assert_int_equal(said.records[DNS_AUTHORITY], 1);
	assert_int_equal(ask(g, "127.0.0.1", "banned.example", DNS_TYPE_A), DNS_CORE_ASK);
}

static void an_answer_that_leads_to_something_blocked_gets_the_alias_too(void **state)
{
	(void)state;
	static const struct fixture_record hidden[] = {
		{"www.good.example", DNS_TYPE_CNAME, "edge.cdn.delivery.example", {0}},
		{"edge.cdn.delivery.example", DNS_TYPE_A, "203.0.113.5", {0}}};
	cleanup(gate) struct gate *g = gate_of("", ALIAS);
	assert_int_equal(resolve(g, "127.0.0.1", "www.good.example", DNS_TYPE_A, hidden, 2),
	                 DNS_CORE_ASK);
	assert_asked(g, "portal.example", DNS_TYPE_A, true);
	struct said said = redirected(g, "www.good.example", DNS_TYPE_A, portal, 2);
	assert_portal(g, &said);
	said = understand(g, ask(g, "127.0.0.1", "www.good.example", DNS_TYPE_A));
	assert_portal(g, &said);
}

static void addresses_are_given_by_family_and_nothing_for_other_types(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g =
		gate_of("block: {form: 'null'}",
	                HEAD "jurisdiction: TW\nadoptions:\n  - order: test-order\n"
	                     "    answer: {address: [203.0.113.1, 203.0.113.2, '2001:db8::1']}\n");
	static const struct {
		uint16_t type, records;
	} cases[] = {{DNS_TYPE_A, 2}, {DNS_TYPE_AAAA, 1}, {DNS_TYPE_HTTPS, 0}};
	for (size_t i = 0; i < 3; i++) {
		struct said said =
			understand(g, ask(g, "127.0.0.1", "banned.example", cases[i].type));
		assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
		assert_int_equal(said.records[DNS_ANSWER], cases[i].records);
		assert_int_equal(said.records[DNS_AUTHORITY], cases[i].records == 0);
		assert_int_equal(said.edns.ede_code, DNS_EDE_CENSORED);
	}
}

static void each_unit_gets_the_form_that_is_set_for_it(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g =
		gate_of("block: {form: nxdomain, address4: 203.0.113.9}",
	                HEAD "jurisdiction: TW\nadoptions: [{order: test-order}]\n"
	                     "answers: [{units: [lab], form: address}]\n");
	struct said said = understand(g, ask(g, "127.0.0.1", "banned.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	said = understand(g, ask(g, "192.0.2.1", "banned.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
	assert_int_equal(said.first[DNS_ANSWER].rdata.bytes[3], 9);
}

static void assert_kept(struct gate *g, const char *text)
{
	struct said said = understand(g, ask(g, "127.0.0.1", "canary.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
	assert_int_equal(said.records[DNS_ANSWER], 0);
	assert_int_equal(said.records[DNS_AUTHORITY], 1);
	assert_non_null(
		memmem(said.edns.ede_text.bytes, said.edns.ede_text.size, text, strlen(text)));
}

static void a_canary_does_not_exist_whatever_the_form_of_a_block(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g =
		gate_of("block: {form: address, address4: 203.0.113.9}", ALIAS);
	assert_kept(g, "test-order");
	assert_int_equal(g->stats.counts[DNS_BLOCKED], 1);
}

static void a_canary_that_no_rule_governs_does_not_exist_and_is_no_block(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g =
		gate_of("block: {form: refused}",
	                HEAD "jurisdiction: XX\nadoptions: [{order: test-order}]\n");
	assert_kept(g, "This network keeps DNS to its own resolver. Contact: it@ministry.example.");
	assert_int_equal(g->stats.counts[DNS_CANARIES], 1);
	assert_int_equal(g->stats.counts[DNS_BLOCKED], 0);
	assert_int_equal(ask(g, "127.0.0.1", "not.canary.example", DNS_TYPE_A), DNS_CORE_ASK);
}

static void a_canary_is_any_name_when_the_option_is_off(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_of("canaries: no", HEAD "jurisdiction: XX\n");
	assert_int_equal(ask(g, "127.0.0.1", "canary.example", DNS_TYPE_A), DNS_CORE_ASK);
}

static void a_canary_is_any_name_to_who_is_exempt_until_the_second(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_of("", ALIAS EXEMPT);
	assert_kept(g, "test-order");
	assert_int_equal(ask(g, "127.0.0.9", "canary.example", DNS_TYPE_A), DNS_CORE_ASK);
	g->now.wall_us += SECOND_US - 1;
	assert_int_equal(ask(g, "127.0.0.9", "canary.example", DNS_TYPE_A), DNS_CORE_ASK);
	g->now.wall_us++;
	struct said said = understand(g, ask(g, "127.0.0.9", "canary.example", DNS_TYPE_A));
	assert_int_equal(said.rcode, DNS_RCODE_NXDOMAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alias_is_answered_with_its_addresses_first_and_from_the_cache),
		cmocka_unit_test(an_alias_stands_alone_where_its_target_would_not_be_followed),
		cmocka_unit_test(what_is_kept_of_an_alias_serves_on_while_the_upstream_fails),
		cmocka_unit_test(a_block_stays_one_when_its_alias_cannot_be_resolved),
		cmocka_unit_test(
			a_block_that_waited_through_a_change_of_policy_is_answered_by_the_new),
		cmocka_unit_test(one_whose_alias_is_another_now_waits_for_that),
		cmocka_unit_test(one_that_is_allowed_now_waits_for_its_own_answer),
		cmocka_unit_test(one_that_has_waited_too_long_gets_the_new_alias_alone),
		cmocka_unit_test(an_alias_to_the_blocked_name_itself_leads_nowhere),
		cmocka_unit_test(an_answer_that_leads_to_something_blocked_gets_the_alias_too),
		cmocka_unit_test(addresses_are_given_by_family_and_nothing_for_other_types),
		cmocka_unit_test(each_unit_gets_the_form_that_is_set_for_it),
		cmocka_unit_test(a_canary_does_not_exist_whatever_the_form_of_a_block),
		cmocka_unit_test(a_canary_that_no_rule_governs_does_not_exist_and_is_no_block),
		cmocka_unit_test(a_canary_is_any_name_when_the_option_is_off),
		cmocka_unit_test(a_canary_is_any_name_to_who_is_exempt_until_the_second),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
