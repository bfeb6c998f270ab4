/* What is shown of a decision is what is done, and leaves nothing behind. */
#include "gate/dns/trace.h"
#include "tests/gate_dns/gate.h"

static struct dns_client asker;
static struct dns_query asked;
static struct dns_trace shown;
static uint8_t real[ROOM];

static struct view query(struct gate *g, const char *client, const char *name)
{
	struct view packet = fixture_query(g->packet, name, DNS_TYPE_A, 0, FIXTURE_EDNS);
	assert_int_equal(dns_query_parse(packet, &asked), DNS_QUERY_OK);
	asker = (struct dns_client){.address = fixture_address(client)};
	return packet;
}

static void trace(struct gate *g, const char *client, const char *name)
{
	struct dns_stats before = g->stats;
	query(g, client, name);
	dns_core_trace(g->core, &asked, &asker, &g->now, g->room, ROOM, &shown);
	assert_memory_equal(&before, &g->stats, sizeof(before));
}

static void upstream_says(struct gate *g, const char *name, const char *alias, const char *address)
{
	struct view packet = query(g, "192.0.2.1", name);
	struct fixture_record records[] = {{.owner = name, .type = DNS_TYPE_CNAME, .data = alias},
	                                   {.owner = alias, .type = DNS_TYPE_A, .data = address}};
	struct dns_question question = {.name = asked.name, .type = DNS_TYPE_A, .class = 1};
	struct upstream_answer answer = {.packet = fixture_answer(g->upstream, packet, records, 2)};
	assert_non_null(dns_core_learn(g->core, &question, &answer, &g->now));
}

/* The trace's answer is, byte for byte, what the gate then gives. */
static void assert_same_answer(struct gate *g)
{
	struct dns_client client = asker;
	int size = dns_core_answer(g->core, DNS_QUERY_OK, &asked, &client, &g->now, real, ROOM);
	assert_int_equal(size, shown.size);
	if (size > 0)
		assert_memory_equal(real, g->room, (size_t)size);
}

static void a_blocked_name_shows_its_rule_and_its_answer(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	trace(g, "192.0.2.1", "www.banned.example");
	assert_int_equal(shown.policy.verdict.action, VERDICT_BLOCK);
	assert_int_equal(shown.policy.verdict.reason, REASON_PROHIBITED);
	assert_true(shown.policy.count > 0);
	assert_int_equal(shown.cache, DNS_TRACE_UNASKED);
	assert_same_answer(g);
}

static void an_exempt_client_sees_the_exemption(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	trace(g, "192.0.2.99", "www.banned.example");
	assert_int_equal(shown.policy.verdict.reason, REASON_EXEMPT);
	assert_int_equal(shown.cache, DNS_TRACE_MISS);
	assert_int_equal(shown.size, DNS_CORE_ASK);
	assert_same_answer(g);
}

static void a_kept_answer_shows_its_age_and_what_it_leads_to(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	upstream_says(g, "news.example", "cdn.delivery.example", "203.0.113.1");
	g->now.steady_us += 20 * SECOND_US;
	trace(g, "192.0.2.1", "news.example");
	assert_int_equal(shown.policy.verdict.action, VERDICT_ALLOW);
	assert_int_equal(shown.cache, DNS_TRACE_HIT);
	assert_int_equal(shown.kept.age_s, 20);
	assert_int_equal(shown.kept.left_s, 280);
	assert_true(shown.is_listed);
	assert_int_equal(shown.found.worst.action, VERDICT_BLOCK);
	assert_same_answer(g);
}

static void a_clean_answer_is_shown_as_it_would_be_sent(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	upstream_says(g, "news.example", "www.news.example", "203.0.113.1");
	trace(g, "192.0.2.1", "news.example");
	assert_int_equal(shown.cache, DNS_TRACE_HIT);
	assert_false(shown.is_listed);
	assert_same_answer(g);
}

static void a_stranger_is_shown_refused_without_losing_a_token(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	trace(g, "198.51.100.1", "news.example");
	uint32_t left = shown.limit_left;
	assert_true(left > 0);
	trace(g, "198.51.100.1", "news.example");
	assert_int_equal(shown.limit_left, left);
	assert_int_equal(shown.place, NONE);
	assert_same_answer(g);
	trace(g, "198.51.100.1", "news.example");
	assert_int_equal(shown.limit_left, left - 1);
}

static void what_is_shown_is_not_counted_for_who_looks_on(void **state)
{
	(void)state;
	static struct top_row rows[TOP_ROWS];
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	int64_t now = g->now.steady_us;
	dns_core_watch(g->core, top_new(1), now, now + SECOND_US);
	trace(g, "192.0.2.1", "www.banned.example");
	assert_int_equal(top_copy(dns_core_watched(g->core, now)->top, TOP_NAMES, rows), 0);
	assert_same_answer(g);
	assert_int_equal(top_copy(dns_core_watched(g->core, now)->top, TOP_BLOCKED, rows), 1);
	assert_int_equal(top_copy(dns_core_watched(g->core, now)->top, TOP_NAMES, rows), 1);
}

static void who_looks_on_sees_nothing_after_the_time_and_then_it_is_forgotten(void **state)
{
	(void)state;
	static struct top_row rows[TOP_ROWS];
	cleanup(gate) struct gate *g = gate_new("", "keep", "enforce");
	int64_t now = g->now.steady_us;
	dns_core_watch(g->core, top_new(1), now, now + SECOND_US);
	g->now.steady_us += SECOND_US;
	trace(g, "192.0.2.1", "www.banned.example");
	assert_same_answer(g);
	const struct dns_watch *watch = dns_core_watched(g->core, g->now.steady_us);
	assert_non_null(watch);
	assert_int_equal(top_copy(watch->top, TOP_NAMES, rows), 0);
	assert_int_equal(top_copy(watch->top, TOP_BLOCKED, rows), 0);
	g->now.steady_us += DNS_WATCH_KEPT_US;
	assert_null(dns_core_watched(g->core, g->now.steady_us));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blocked_name_shows_its_rule_and_its_answer),
		cmocka_unit_test(an_exempt_client_sees_the_exemption),
		cmocka_unit_test(a_kept_answer_shows_its_age_and_what_it_leads_to),
		cmocka_unit_test(a_clean_answer_is_shown_as_it_would_be_sent),
		cmocka_unit_test(a_stranger_is_shown_refused_without_losing_a_token),
		cmocka_unit_test(what_is_shown_is_not_counted_for_who_looks_on),
		cmocka_unit_test(who_looks_on_sees_nothing_after_the_time_and_then_it_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
