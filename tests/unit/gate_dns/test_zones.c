#include "gate/dns/local_record.h"
#include "gate/dns/zones.h"
#include "tests/gate_dns/fixture.h"
#include "tests/test.h"

struct made {
	struct arena arena;
	struct dns_options options;
	struct zones *zones;
};

static void make(struct made *m, const char *yaml)
{
	arena_init(&m->arena, 0);
	fixture_options(yaml, &m->arena, &m->options);
	assert_int_equal(zones_new(&m->options, &m->zones), OK);
}

static void made_done(struct made *m)
{
	zones_free(m->zones);
	arena_done(&m->arena);
}

static enum zone_way way_of(const struct made *m, const char *name, unsigned *ret_group)
{
	struct dname n = fixture_name(name);
	return zones_way(m->zones, &n, ret_group);
}

static void the_longest_zone_counts_and_only_at_a_label(void **state)
{
	(void)state;
	struct made m;
	unsigned all, corp, lab, group;
	make(&m, "upstream: {forward: [192.0.2.1]}\n"
	         "zones:\n"
	         "  - {zone: corp.example, forward: [192.0.2.2]}\n"
	         "  - {zone: lab.corp.example, forward: [192.0.2.1, 192.0.2.3]}\n"
	         "  - {zone: inner.example, stub: [192.0.2.4]}\n");
	assert_int_equal(way_of(&m, "www.example", &all), ZONE_FORWARDER);
	assert_int_equal(way_of(&m, "corp.example", &corp), ZONE_FORWARDER);
	assert_int_equal(way_of(&m, "x.lab.corp.example", &lab), ZONE_FORWARDER);
	assert_true(all != corp && corp != lab && all != lab);
	assert_int_equal(way_of(&m, "xcorp.example", &group), ZONE_FORWARDER);
	assert_int_equal(group, all);
	assert_int_equal(way_of(&m, "a.inner.example", &group), ZONE_RESOLVER);
	assert_true(zones_need_resolver(m.zones));
	size_t servers;
	zones_servers(m.zones, &servers);
	assert_int_equal(servers, 3); /* each once */
	made_done(&m);
}

static void special_names_give_way_to_any_zone_above_them(void **state)
{
	(void)state;
	struct made m;
	unsigned group;
	make(&m, "upstream: {forward: [192.0.2.1]}\n"
	         "zones: [{zone: 10.in-addr.arpa, forward: [192.0.2.2]},\n"
	         "        {zone: 172.in-addr.arpa, forward: [192.0.2.2]}]\n");
	assert_int_equal(way_of(&m, "1.0.0.10.in-addr.arpa", &group), ZONE_FORWARDER);
	assert_int_equal(way_of(&m, "1.16.172.in-addr.arpa", &group), ZONE_FORWARDER);
	assert_int_equal(way_of(&m, "1.168.192.in-addr.arpa", &group), ZONE_HERE);
	assert_int_equal(way_of(&m, "a.onion", &group), ZONE_HERE);
	assert_int_equal(way_of(&m, "onion.example", &group), ZONE_FORWARDER);
	made_done(&m);
}

static void validation_and_recursion_are_left_to_the_resolver(void **state)
{
	(void)state;
	static const char *const rows[] = {"upstream: {}",
	                                   "upstream: {forward: [192.0.2.1], trust_anchor: /x}"};
	for (size_t i = 0; i < 2; i++) {
		struct made m;
		unsigned group;
		make(&m, rows[i]);
		assert_int_equal(way_of(&m, "www.example", &group), ZONE_RESOLVER);
		made_done(&m);
	}
}

static void forwarders_of_what_is_validated_are_behind_the_relay(void **state)
{
	(void)state;
	struct made m;
	unsigned all, corp, group;
	make(&m, "upstream: {forward: [\"192.0.2.1#x.example\"], trust_anchor: /x}\n"
	         "zones:\n"
	         "  - {zone: corp.example, forward: [192.0.2.2], validate: yes}\n"
	         "  - {zone: plain.example, forward: [192.0.2.2]}\n"
	         "  - {zone: stub.example, stub: [192.0.2.4]}\n"
	         "  - {zone: own.example, records: [\"www A 192.0.2.9\"]}\n");
	assert_true(zones_need_relay(m.zones));
	assert_int_equal(way_of(&m, "www.example", &group), ZONE_RESOLVER);
	assert_int_equal(way_of(&m, "www.corp.example", &group), ZONE_RESOLVER);
	struct dname inner = fixture_name("www.corp.example"), stub = fixture_name("stub.example");
	assert_true(zones_forwarded(m.zones, &inner, &group));
	assert_false(zones_forwarded(m.zones, &stub, &group));
	assert_int_equal(way_of(&m, "www.plain.example", &group), ZONE_FORWARDER);
	const struct {
		const char *name;
		uint16_t type;
		enum zone_way way;
		unsigned *group, *same;
	} rows[] = {
		{"www.example", DNS_TYPE_A, ZONE_FORWARDER, &all, NULL},
		{"corp.example", DNS_TYPE_DNSKEY, ZONE_FORWARDER, &corp, NULL},
		{"corp.example", DNS_TYPE_DS, ZONE_FORWARDER, &group, &all},
		{"lab.corp.example", DNS_TYPE_DS, ZONE_FORWARDER, &group, &corp},
		{".", DNS_TYPE_DS, ZONE_FORWARDER, &group, &all},
		{"stub.example", DNS_TYPE_A, ZONE_FORWARDER, &group, &all},
		{"www.own.example", DNS_TYPE_A, ZONE_HERE, &group, NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dname name = fixture_name(rows[i].name);
		assert_int_equal(zones_relay_way(m.zones, &name, rows[i].type, rows[i].group),
		                 rows[i].way);
		if (rows[i].same)
			assert_int_equal(*rows[i].group, *rows[i].same);
	}
	assert_int_not_equal(all, corp);
	made_done(&m);
}

static void a_zone_with_its_own_key_is_checked_whatever_holds_for_others(void **state)
{
	(void)state;
	static const char *const rows[] = {"{forward: [192.0.2.1]}", "{validate: no}",
	                                   "{forward: [192.0.2.1], validate: no}"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m;
		unsigned group;
		char yaml[256];
		(void)snprintf(yaml, sizeof(yaml),
		               "upstream: %s\n"
		               "zones: [{zone: corp.example, forward: [192.0.2.2], "
		               "validate: yes, trust_anchor: /x},\n"
		               "        {zone: plain.example, forward: [192.0.2.2]}]\n",
		               rows[i]);
		make(&m, yaml);
		assert_true(zones_need_relay(m.zones));
		assert_int_equal(way_of(&m, "www.corp.example", &group), ZONE_RESOLVER);
		assert_int_equal(way_of(&m, "www.plain.example", &group), ZONE_FORWARDER);
		assert_int_equal(way_of(&m, "www.example", &group),
		                 i == 1 ? ZONE_RESOLVER : ZONE_FORWARDER);
		made_done(&m);
	}
}

static void a_relay_without_forwarders_of_all_names_asks_nobody_about_them(void **state)
{
	(void)state;
	struct made m;
	unsigned group;
	struct dname inner = fixture_name("www.corp.example"), ds = fixture_name("corp.example");
	make(&m, "zones: [{zone: corp.example, forward: [192.0.2.2], validate: yes}]");
	assert_true(zones_need_relay(m.zones));
	assert_int_equal(zones_relay_way(m.zones, &inner, DNS_TYPE_A, &group), ZONE_FORWARDER);
	assert_int_equal(zones_relay_way(m.zones, &ds, DNS_TYPE_DS, &group), ZONE_RESOLVER);
	made_done(&m);
	make(&m, "upstream: {forward: [192.0.2.1]}");
	assert_false(zones_need_relay(m.zones));
	made_done(&m);
}

static void a_fault_in_a_record_names_its_word(void **state)
{
	(void)state;
	static const char *const rows[][2] = {{"www A 192.0.2.300", "192.0.2.300"},
	                                      {"www 999999999 A 192.0.2.1", "999999999"},
	                                      {"www AAAA 192.0.2.1", "192.0.2.1"},
	                                      {"www MX x mail", "x"},
	                                      {"www A 192.0.2.1 more", "more"},
	                                      {"*.www A 192.0.2.1", "*.www"},
	                                      {"a.org. A 192.0.2.1", "a.org."},
	                                      {"www NS ns", "NS"},
	                                      {"www SRV 1 2", ""},
	                                      {"", ""}};
	struct dname origin = fixture_name("corp.example");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct local_record record;
		struct local_fault fault = {0};
		assert_int_equal(
			local_record_parse(view_text(rows[i][0]), &origin, &record, &fault),
			ERR_MALFORMED);
		assert_true(view_is(fault.word, rows[i][1]));
		assert_memory_equal(rows[i][0] + fault.at, rows[i][1], fault.word.size);
		assert_non_null(fault.expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_zone_counts_and_only_at_a_label),
		cmocka_unit_test(special_names_give_way_to_any_zone_above_them),
		cmocka_unit_test(validation_and_recursion_are_left_to_the_resolver),
		cmocka_unit_test(forwarders_of_what_is_validated_are_behind_the_relay),
		cmocka_unit_test(a_zone_with_its_own_key_is_checked_whatever_holds_for_others),
		cmocka_unit_test(a_relay_without_forwarders_of_all_names_asks_nobody_about_them),
		cmocka_unit_test(a_fault_in_a_record_names_its_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
