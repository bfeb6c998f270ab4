/* Which client was given which address for a listed name, as the packet gate will ask. */
#include "gate/dns/core_internal.h"
#include "gate/dns/trace.h"
#include "tests/gate_dns/gate.h"

enum { ROWS = 64 };

static const struct fixture_record at_banned[] = {
	{"chat.banned.example", DNS_TYPE_A, "203.0.113.5", {0}},
	{"chat.banned.example", DNS_TYPE_A, "203.0.113.6", {0}}};
static const struct fixture_record at_good[] = {
	{"www.good.example", DNS_TYPE_A, "203.0.113.5", {0}}};
static const struct fixture_record elsewhere[] = {
	{"www.good.example", DNS_TYPE_A, "198.51.100.200", {0}}};
static const struct fixture_record to_banned[] = {
	{"www.good.example", DNS_TYPE_CNAME, "edge.cdn.delivery.example", {0}},
	{"edge.cdn.delivery.example", DNS_TYPE_A, "203.0.113.9", {0}}};

static void *memory;
static struct learned names;

static struct gate *gate_that_learns(const char *mode)
{
	struct gate *g = gate_new("", "keep", mode);
	learned_format(memory, ROWS, 3);
	assert_int_equal(learned_open(memory, learned_size(ROWS), &names), OK);
	g->core->names = &names;
	return g;
}

static const char *name_at(const struct gate *g, const char *client, const char *address)
{
	static char text[DNAME_TEXT_SIZE];
	struct address c = fixture_address(client), a = fixture_address(address);
	struct dname name;
	return learned_find(&names, &c, &a, g->now.steady_us, &name) ? dname_print(&name, text)
	                                                             : "none";
}

static void a_listed_name_that_is_answered_is_learned_for_its_client(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_that_learns("observe");
	(void)resolve(g, "192.0.2.1", "chat.banned.example", DNS_TYPE_A, at_banned, 2);
	assert_string_equal(name_at(g, "192.0.2.1", "203.0.113.5"), "chat.banned.example");
	assert_string_equal(name_at(g, "192.0.2.1", "203.0.113.6"), "chat.banned.example");
	assert_string_equal(name_at(g, "192.0.2.2", "203.0.113.5"), "none");
	/* from the cache, to another */
	g->now.steady_us += 100 * SECOND_US;
	(void)understand(g, ask(g, "192.0.2.2", "chat.banned.example", DNS_TYPE_A));
	assert_string_equal(name_at(g, "192.0.2.2", "203.0.113.5"), "chat.banned.example");
	/* as long as the answer */
	g->now.steady_us += 199 * SECOND_US;
	assert_string_equal(name_at(g, "192.0.2.2", "203.0.113.5"), "chat.banned.example");
	g->now.steady_us += SECOND_US;
	assert_string_equal(name_at(g, "192.0.2.1", "203.0.113.5"), "none");
	assert_string_equal(name_at(g, "192.0.2.2", "203.0.113.5"), "none");
}

static void an_exempt_client_learns_and_a_blocked_one_does_not(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_that_learns("enforce");
	(void)resolve(g, "192.0.2.99", "chat.banned.example", DNS_TYPE_A, at_banned, 2);
	assert_string_equal(name_at(g, "192.0.2.99", "203.0.113.5"), "chat.banned.example");
	(void)understand(g, ask(g, "192.0.2.1", "chat.banned.example", DNS_TYPE_A));
	assert_string_equal(name_at(g, "192.0.2.1", "203.0.113.5"), "none");
}

static void a_name_that_is_not_listed_makes_its_address_ambiguous(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_that_learns("observe");
	(void)resolve(g, "192.0.2.1", "chat.banned.example", DNS_TYPE_A, at_banned, 2);
	(void)resolve(g, "192.0.2.2", "www.good.example", DNS_TYPE_A, at_good, 1);
	assert_string_equal(name_at(g, "192.0.2.1", "203.0.113.5"), "chat.banned.example");
	(void)understand(g, ask(g, "192.0.2.1", "www.good.example", DNS_TYPE_A));
	assert_string_equal(name_at(g, "192.0.2.1", "203.0.113.5"), "none");
	assert_string_equal(name_at(g, "192.0.2.1", "203.0.113.6"), "chat.banned.example");
}

static void a_name_elsewhere_changes_nothing(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_that_learns("observe");
	(void)resolve(g, "192.0.2.1", "chat.banned.example", DNS_TYPE_A, at_banned, 2);
	(void)resolve(g, "192.0.2.1", "www.good.example", DNS_TYPE_A, elsewhere, 1);
	assert_string_equal(name_at(g, "192.0.2.1", "203.0.113.5"), "chat.banned.example");
	assert_string_equal(name_at(g, "192.0.2.1", "198.51.100.200"), "none");
}

static void a_listed_alias_is_what_is_learned(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_that_learns("observe");
	(void)resolve(g, "192.0.2.1", "www.good.example", DNS_TYPE_A, to_banned, 2);
	assert_string_equal(name_at(g, "192.0.2.1", "203.0.113.9"), "edge.cdn.delivery.example");
}

static void showing_how_a_query_is_decided_teaches_nothing(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_that_learns("observe");
	struct dns_client client = {.address = fixture_address("192.0.2.2")};
	struct dns_query query;
	struct dns_trace trace;
	(void)resolve(g, "192.0.2.1", "chat.banned.example", DNS_TYPE_A, at_banned, 2);
	struct view packet =
		fixture_query(g->packet, "chat.banned.example", DNS_TYPE_A, 1, FIXTURE_EDNS);
	assert_int_equal(dns_query_parse(packet, &query), DNS_QUERY_OK);
	dns_core_trace(g->core, &query, &client, &g->now, g->room, ROOM, &trace);
	assert_true(trace.size > 0);
	assert_string_equal(name_at(g, "192.0.2.2", "203.0.113.5"), "none");
}

static int make_memory(void **state)
{
	(void)state;
	memory = aligned_alloc(64, learned_size(ROWS) / 64 * 64 + 64);
	return memory ? 0 : -1;
}

static int free_memory(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listed_name_that_is_answered_is_learned_for_its_client),
		cmocka_unit_test(an_exempt_client_learns_and_a_blocked_one_does_not),
		cmocka_unit_test(a_name_that_is_not_listed_makes_its_address_ambiguous),
		cmocka_unit_test(a_name_elsewhere_changes_nothing),
		cmocka_unit_test(a_listed_alias_is_what_is_learned),
		cmocka_unit_test(showing_how_a_query_is_decided_teaches_nothing),
	};
	return cmocka_run_group_tests(tests, make_memory, free_memory);
}
