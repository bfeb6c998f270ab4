#include "tests/gate_dns/gate.h"
#include "wire/dns_svcb.h"

#define SERVER                                               \
	"server: {names: [gate.example, Zweiter.Example],\n" \
	"         addresses: [192.0.2.53, 192.0.2.54, '2001:db8::53']}\n"

static const char both[] =
	SERVER "tls: {listen: ['192.0.2.53:853', '[::]:853', '192.0.2.54:8853']}\n"
	       "https: {listen: ['10.0.0.1:443'], path: /resolve}\n";

static struct said ask_gate(struct gate *g, const char *name, uint16_t type)
{
	struct said said = understand(g, ask(g, "127.0.0.1", name, type));
	assert_int_equal(said.rcode, DNS_RCODE_NOERROR);
	assert_true(said.header.flags & DNS_FLAG_AA);
	return said;
}

/* Our own records are checked against bytes that were written by hand. */
static void assert_record(const struct gate *g, unsigned number, struct view expected)
{
	struct dns_walk w;
	struct dns_record r;
	assert_int_equal(dns_walk_open(view_of(g->room, ROOM), &w), OK);
	for (unsigned i = 0; i <= number; i++)
		assert_int_equal(dns_walk_next(&w, &r), 1);
	assert_int_equal(r.type, DNS_TYPE_SVCB);
	assert_int_equal(r.rdata.size, expected.size);
	assert_memory_equal(r.rdata.bytes, expected.bytes, expected.size);
}

static void clients_are_told_of_both_services_each_at_its_addresses(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(both, "keep", "enforce");
	struct said said = ask_gate(g, "_dns.Resolver.arpa", DNS_TYPE_SVCB);
	assert_int_equal(said.records[DNS_ANSWER], 2);
	assert_int_equal(said.records[DNS_AUTHORITY], 0);
	assert_int_equal(said.records[DNS_ADDITIONAL], 3);
	static const char dot[] = "\0\1\4gate\7example\0"
				  "\0\1\0\4\3dot"
				  "\0\3\0\2\x03\x55"
				  "\0\4\0\4\xc0\0\2\x35"
				  "\0\6\0\20\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x53";
	static const char https[] = "\0\2\4gate\7example\0"
				    "\0\1\0\14\2h2\10http/1.1"
				    "\0\3\0\2\1\xbb"
				    "\0\4\0\10\xc0\0\2\x35\xc0\0\2\x36"
				    "\0\6\0\20\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x53"
				    "\0\7\0\16/resolve{?dns}";
	assert_record(g, 0, view_of(dot, sizeof(dot) - 1));
	assert_record(g, 1, view_of(https, sizeof(https) - 1));
	assert_int_equal(dns_counted(&g->stats, DNS_DESIGNATED), 1);
}

static void who_knows_a_name_is_told_with_that_name(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(both, "keep", "enforce");
	struct said said = ask_gate(g, "_dns.zweiter.example", DNS_TYPE_SVCB);
	assert_int_equal(said.records[DNS_ANSWER], 2);
	struct dns_svcb svcb;
	struct dname name = fixture_name("zweiter.example");
	assert_int_equal(dns_svcb_parse(said.first[DNS_ANSWER].rdata, &svcb), OK);
	assert_true(dname_equal(&svcb.target, &name));
}

static void other_types_and_names_of_ours_are_asked_for_upstream(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint16_t type;
	} others[] = {
		{"_dns.gate.example", DNS_TYPE_A},          {"gate.example", DNS_TYPE_SVCB},
		{"x._dns.gate.example", DNS_TYPE_SVCB},     {"_dns.other.example", DNS_TYPE_SVCB},
		{"resolver.arpa.example", DNS_TYPE_SVCB},   {"xresolver.arpa", DNS_TYPE_SVCB},
		{"x\\008resolver\\004arpa", DNS_TYPE_SVCB}, {"arpa", DNS_TYPE_SVCB}};
	cleanup(gate) struct gate *g = gate_new(both, "keep", "enforce");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_int_equal(ask(g, "127.0.0.1", others[i].name, others[i].type), DNS_CORE_ASK);
}

static void assert_nothing(struct gate *g, const char *name, uint16_t type)
{
	struct said said = ask_gate(g, name, type);
	struct dname owner, zone = fixture_name("resolver.arpa");
	assert_int_equal(said.records[DNS_ANSWER], 0);
	assert_int_equal(said.records[DNS_AUTHORITY], 1);
	assert_int_equal(said.first[DNS_AUTHORITY].type, DNS_TYPE_SOA);
	assert_int_equal(
		dns_record_name(view_of(g->room, ROOM), &said.first[DNS_AUTHORITY], &owner), OK);
	assert_true(dname_equal(&owner, &zone));
}

static void nothing_below_resolver_arpa_leaves_the_gate(void **state)
{
	(void)state;
	static const char *const options[] = {both, "", SERVER,
	                                      "tls: {listen: ['192.0.2.53:853']}"};
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		cleanup(gate) struct gate *g = gate_new(options[i], "keep", "enforce");
		assert_nothing(g, "resolver.arpa", DNS_TYPE_SVCB);
		assert_nothing(g, "resolver.arpa", DNS_TYPE_NS);
		assert_nothing(g, "_dns.resolver.arpa", DNS_TYPE_A);
		assert_nothing(g, "_dns.resolver.arpa", DNS_TYPE_ANY);
		assert_nothing(g, "a.b._dns.resolver.arpa", DNS_TYPE_SVCB);
		if (options[i] != both)
			assert_nothing(g, "_dns.resolver.arpa", DNS_TYPE_SVCB);
	}
}

static void without_addresses_there_are_no_hints(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new("server: {names: [gate.example]}\n"
	                                        "tls: {listen: ['192.0.2.53:853']}",
	                                        "keep", "enforce");
	struct said said = ask_gate(g, "_dns.resolver.arpa", DNS_TYPE_SVCB);
	assert_int_equal(said.records[DNS_ANSWER], 1);
	assert_int_equal(said.records[DNS_ADDITIONAL], 0);
	static const char dot[] = "\0\1\4gate\7example\0\0\1\0\4\3dot\0\3\0\2\x03\x55";
	assert_record(g, 0, view_of(dot, sizeof(dot) - 1));
}

static void strangers_are_told_nothing(void **state)
{
	(void)state;
	cleanup(gate) struct gate *g = gate_new(both, "keep", "enforce");
	struct said said =
		understand(g, ask(g, "203.0.113.1", "_dns.resolver.arpa", DNS_TYPE_SVCB));
	assert_int_equal(said.rcode, DNS_RCODE_REFUSED);
}

/* 64 addresses of each service do not fit into a datagram. */
static void what_is_too_large_for_a_datagram_is_truncated(void **state)
{
	(void)state;
	char options[8192];
	int size =
		snprintf(options, sizeof(options), "server: {names: [gate.example], addresses: [");
	for (unsigned i = 0; i < DNS_SERVER_ADDRESSES_MAX; i++)
		size += snprintf(options + size, sizeof(options) - (size_t)size, "%s'2001:db8::%x'",
		                 i ? ", " : "", i + 1);
	(void)snprintf(options + size, sizeof(options) - (size_t)size,
	               "]}\ntls: {listen: ['[::]:853']}\nhttps: {listen: ['[::]:443']}");
	cleanup(gate) struct gate *g = gate_new(options, "keep", "enforce");
	struct said said = ask_gate(g, "_dns.resolver.arpa", DNS_TYPE_SVCB);
	assert_true(said.header.flags & DNS_FLAG_TC);
	struct view packet = fixture_query(g->packet, "_dns.resolver.arpa", DNS_TYPE_SVCB, 1, 1232);
	said = understand(g, ask_packet(g, "127.0.0.1", DNS_OVER_TCP, packet));
	assert_false(said.header.flags & DNS_FLAG_TC);
	assert_int_equal(said.records[DNS_ANSWER], 2);
	assert_int_equal(said.records[DNS_ADDITIONAL], DNS_SERVER_ADDRESSES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_told_of_both_services_each_at_its_addresses),
		cmocka_unit_test(who_knows_a_name_is_told_with_that_name),
		cmocka_unit_test(other_types_and_names_of_ours_are_asked_for_upstream),
		cmocka_unit_test(nothing_below_resolver_arpa_leaves_the_gate),
		cmocka_unit_test(without_addresses_there_are_no_hints),
		cmocka_unit_test(strangers_are_told_nothing),
		cmocka_unit_test(what_is_too_large_for_a_datagram_is_truncated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
