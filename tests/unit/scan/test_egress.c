#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "scan/egress_route.h"
#include "tests/test.h"

#define CHAIN(policy)                                                                                                        \
	"{\"chain\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"o\",\"type\":\"filter\",\"hook\":\"output\",\"prio\":0," \
	"\"policy\":\"" policy "\"}}"
#define RULE(expressions)                                                                       \
	"{\"rule\":{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"o\",\"expr\":[" expressions \
	"]}}"
#define MATCH(op, left, right) \
	"{\"match\":{\"op\":\"" op "\",\"left\":" left ",\"right\":" right "}}"
#define OIF         "{\"meta\":{\"key\":\"oifname\"}}"
#define UID         "{\"meta\":{\"key\":\"skuid\"}}"
#define STATE       "{\"ct\":{\"key\":\"state\"}}"
#define PORT        "{\"payload\":{\"protocol\":\"tcp\",\"field\":\"dport\"}}"
#define LIMIT       "{\"limit\":{\"rate\":10,\"burst\":5,\"per\":\"second\",\"inv\":true}}"
#define QUOTA       "{\"quota\":{\"val\":25,\"val_unit\":\"mbytes\",\"inv\":true}}"
#define CONNECTIONS "{\"ct count\":{\"val\":10,\"inv\":true}}"
#define ENTRY       "{\"set\":{\"op\":\"update\",\"elem\":5,\"set\":\"@s\",\"stmt\":[" LIMIT "]}}"
#define TABLE(flags) \
	"{\"table\":{\"family\":\"inet\",\"name\":\"t\",\"handle\":1,\"flags\":" flags "}}"
#define LIST(...) "{\"nftables\":[" __VA_ARGS__ "]}"

static void a_list_of_rules_is_followed_or_doubted(void **state)
{
	static const struct {
		const char *json;
		enum egress_way way;
	} rows[] = {
		{LIST(""), EGRESS_OPEN},
		{LIST(CHAIN("accept")), EGRESS_OPEN},
		{LIST(CHAIN("drop")), EGRESS_CLOSED},
		{LIST(CHAIN("drop") "," RULE(MATCH("==", OIF, "\"lo\"") ",{\"accept\":null}")),
	         EGRESS_CLOSED},
		{LIST(CHAIN("drop") "," RULE(
			 MATCH("in", STATE, "[\"established\",\"related\"]") ",{\"accept\":null}")),
	         EGRESS_CLOSED},
		{LIST(CHAIN("drop") "," RULE(
			 MATCH("in", STATE, "[\"established\",\"new\"]") ",{\"accept\":null}")),
	         EGRESS_UNKNOWN},
		{LIST(CHAIN("drop") "," RULE(MATCH("in", STATE, "[2,4]") ",{\"accept\":null}")),
	         EGRESS_CLOSED},
		{LIST(CHAIN("drop") "," RULE(MATCH("in", STATE, "[2,8]") ",{\"accept\":null}")),
	         EGRESS_UNKNOWN},
		{LIST(CHAIN("drop") "," RULE(MATCH("==", PORT, "443") ",{\"accept\":null}")),
	         EGRESS_UNKNOWN},
		{LIST(CHAIN("drop") "," RULE(MATCH("==", PORT, "443") ",{\"drop\":null}")),
	         EGRESS_CLOSED},
		{LIST(CHAIN("drop") "," RULE("{\"accept\":null}")), EGRESS_OPEN},
		{LIST(CHAIN("accept") "," RULE(
			 MATCH("!=", OIF, "\"lo\"") ",{\"counter\":{}},{\"reject\":null}")),
	         EGRESS_CLOSED},
		{LIST(CHAIN("accept") "," RULE(MATCH("==", UID, "997") ",{\"drop\":null}")),
	         EGRESS_CLOSED},
		{LIST(CHAIN("accept") "," RULE(MATCH("==", UID, "5") ",{\"drop\":null}")),
	         EGRESS_OPEN},
		{LIST(CHAIN("accept") "," RULE("{\"jump\":{\"target\":\"x\"}}")), EGRESS_UNKNOWN},
		{LIST(CHAIN("drop") "," RULE("{\"jump\":{\"target\":\"x\"}}")), EGRESS_UNKNOWN},
		{LIST(CHAIN("accept") "," RULE(MATCH("==", PORT, "443") ",{\"drop\":null}")),
	         EGRESS_UNKNOWN},
		{LIST(CHAIN("accept") "," RULE(LIMIT ",{\"drop\":null}")), EGRESS_UNKNOWN},
		{LIST(CHAIN("accept") "," RULE(QUOTA ",{\"drop\":null}")), EGRESS_UNKNOWN},
		{LIST(CHAIN("accept") "," RULE(CONNECTIONS ",{\"drop\":null}")), EGRESS_UNKNOWN},
		{LIST(CHAIN("accept") "," RULE(ENTRY ",{\"drop\":null}")), EGRESS_UNKNOWN},
		{LIST(CHAIN("drop") "," RULE(LIMIT ",{\"accept\":null}")), EGRESS_UNKNOWN},
		{LIST(CHAIN("accept") "," RULE(
			 "{\"counter\":{}},{\"log\":{\"prefix\":\"x\"}},{\"drop\":null}")),
	         EGRESS_CLOSED},
		{LIST(TABLE("[\"dormant\"]") "," CHAIN("drop")), EGRESS_UNKNOWN},
		{LIST(TABLE("\"inet\"") "," CHAIN("drop")), EGRESS_UNKNOWN},
		{LIST(TABLE("[\"owner\"]") "," CHAIN("drop")), EGRESS_CLOSED},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct egress_firewall f;
		assert_int_equal(egress_firewall_read(view_text(rows[i].json), 997, &f), OK);
		assert_int_equal(f.ip4, rows[i].way);
		assert_int_equal(f.ip6, rows[i].way);
	}
}

static void one_family_is_not_the_other(void **state)
{
	struct egress_firewall f;
	(void)state;
	assert_int_equal(
		egress_firewall_read(
			view_text(LIST(
				"{\"chain\":{\"family\":\"ip\",\"table\":\"t\",\"name\":\"o\","
				"\"type\":\"filter\",\"hook\":\"output\",\"policy\":\"drop\"}}")),
			0, &f),
		OK);
	assert_int_equal(f.ip4, EGRESS_CLOSED);
	assert_int_equal(f.ip6, EGRESS_OPEN);
	assert_int_equal(f.forward4, EGRESS_OPEN);
}

static void no_list_is_malformed(void **state)
{
	struct egress_firewall f;
	(void)state;
	assert_int_equal(egress_firewall_read(view_text("{}"), 0, &f), ERR_MALFORMED);
	assert_int_equal(egress_firewall_read(view_text("table ip x"), 0, &f), ERR_MALFORMED);
}

static struct egress_facts machine(void)
{
	return (struct egress_facts){.interfaces = "eth0",
	                             .is_own_space = true,
	                             .route4 = {KNOWN_YES, "default dev eth0"},
	                             .route6 = {KNOWN_NOT, ""},
	                             .has_firewall = true};
}

static enum egress_verdict judge(const struct egress_facts *f)
{
	struct egress_result r = {0};
	egress_judge(f, &r);
	assert_true(r.reason_count > 0);
	return r.verdict;
}

static void every_way_out_has_to_be_known_to_be_closed(void **state)
{
	struct egress_facts f = {0};
	(void)state;
	assert_int_equal(judge(&f), EGRESS_CONFINED); /* only the loopback */
	f = machine();
	assert_int_equal(judge(&f), EGRESS_NOT_CONFINED);
	f.firewall.ip4 = EGRESS_CLOSED;
	assert_int_equal(judge(&f), EGRESS_CONFINED);
	f.route6.is_there = KNOWN_YES;
	assert_int_equal(judge(&f), EGRESS_NOT_CONFINED);
	f.unit.denies_addresses = f.filters.is_asked = f.filters.has_addresses = true;
	assert_int_equal(judge(&f), EGRESS_CONFINED);
	f.connection = address_from_bytes("\x08\x08\x08\x08", 4);
	assert_int_equal(judge(&f), EGRESS_NOT_CONFINED);
}

static void what_is_not_known_is_not_confined(void **state)
{
	struct egress_facts f = machine();
	(void)state;
	f.has_firewall = false;
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	f = machine();
	f.route4 = (struct egress_known_route){KNOWN_NO, ""};
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	f = machine();
	f.route4 = (struct egress_known_route){KNOWN_NO, "default dev eth0 table 77"};
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	f.firewall.ip4 = EGRESS_CLOSED; /* whatever leads there */
	assert_int_equal(judge(&f), EGRESS_CONFINED);
	f = machine();
	f.has_old_tables = true;
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	f = (struct egress_facts){.may_leave = true};
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	f = machine();
	f.firewall.ip4 = EGRESS_CLOSED;
	f.may_change = true;
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	f = machine();
	f.is_own_space = false; /* the machine's own rules are not known */
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	f.has_host_firewall = true;
	assert_int_equal(judge(&f), EGRESS_NOT_CONFINED);
	f.has_host_old_tables = true;
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	f.host.forward4 = EGRESS_CLOSED;
	assert_int_equal(judge(&f), EGRESS_CONFINED);
}

static bool says(const struct egress_facts *f, const char *words)
{
	struct egress_result r = {0};
	egress_judge(f, &r);
	for (size_t i = 0; i < r.reason_count; i++) {
		if (strstr(r.reasons[i], words))
			return true;
	}
	return false;
}

static void what_a_unit_is_set_to_counts_where_the_kernel_has_it(void **state)
{
	struct egress_facts f = machine();
	(void)state;
	f.unit.denies_interfaces = true;
	f.filters.is_asked = true;
	assert_int_equal(judge(&f), EGRESS_NOT_CONFINED);
	assert_true(says(&f, "RestrictNetworkInterfaces= is set for its unit, but the kernel"));
	f.filters.has_addresses = true; /* another filter is no such filter */
	assert_int_equal(judge(&f), EGRESS_NOT_CONFINED);
	f.filters.has_interfaces = true;
	assert_int_equal(judge(&f), EGRESS_CONFINED);
	f = machine();
	f.unit.denies_addresses = true;
	f.filters.why = -EPERM;
	assert_int_equal(judge(&f), EGRESS_NOT_CONFINED);
	assert_true(says(&f, "could not be asked"));
	f = machine();
	f.unit.has_private_network = true;
	assert_int_equal(judge(&f), EGRESS_NOT_CONFINED);
	assert_true(says(&f, "PrivateNetwork= is set"));
	f.interfaces[0] = '\0';
	assert_int_equal(judge(&f), EGRESS_CONFINED);
	assert_true(says(&f, "(PrivateNetwork= of its unit)"));
}

static void a_filter_that_cannot_be_followed_is_not_known(void **state)
{
	struct egress_facts f = machine();
	(void)state;
	f.filters = (struct egress_filters){.is_asked = true, .count = 1, .names = "keeper"};
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	assert_true(says(&f, "BPF: keeper"));
	f.firewall.ip4 = EGRESS_CLOSED;
	assert_int_equal(judge(&f), EGRESS_CONFINED);
}

static void what_gates_met_counts(void **state)
{
	struct egress_facts f = machine();
	(void)state;
	f.firewall.ip4 = EGRESS_CLOSED;
	f.is_own_space = false;
	f.events = (struct egress_events){.is_asked = true, .recorded_s = 3600};
	assert_int_equal(judge(&f), EGRESS_CONFINED);
	assert_true(says(
		&f,
		"gates met none of its addresses since 1970-01-01T00:00:00Z, of which 60 minutes"));
	f.events.refused = 2;
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	assert_true(says(&f, "gates refused 2 acts of its addresses"));
	f.events.passed = 1;
	assert_int_equal(judge(&f), EGRESS_NOT_CONFINED);
	f.is_own_space = true; /* another program of the machine may have been it */
	assert_int_equal(judge(&f), EGRESS_VERDICT_UNKNOWN);
	assert_true(says(&f, "of this machine's addresses"));
}

/* As systemctl of Debian 12 prints it. */
#define SHOWN(allow, deny, interfaces, network)                                                   \
	"IPAddressAllow=" allow "\nIPAddressDeny=" deny "\nRestrictNetworkInterfaces=" interfaces \
	"\nPrivateNetwork=" network

static void settings_of_a_unit_are_read(void **state)
{
	static const struct {
		const char *said;
		bool addresses, interfaces, network;
	} rows[] = {
		{SHOWN("", "", "~", "no"), false, false, false},
		{SHOWN("", "::/0 0.0.0.0/0", "~", "no"), true, false, false},
		{SHOWN("127.0.0.0/8 ::1/128", "0.0.0.0/0 ::/0", "~", "no"), true, false, false},
		{SHOWN("127.0.0.0/8 10.0.0.0/8", "0.0.0.0/0 ::/0", "~", "no"), false, false, false},
		{SHOWN("", "0.0.0.0/0", "~", "no"), false, false, false},
		{SHOWN("", "::/0 10.0.0.0/8", "~", "no"), false, false, false},
		{SHOWN("", "", "lo", "yes"), false, true, true},
		{SHOWN("", "", "lo eth0", "no"), false, false, false},
		{SHOWN("", "", "~eth0", "no"), false, false, false},
		{SHOWN("", "", "", "no"), false, false, false},
		{"IPAddressDeny=::/0 0.0.0.0/0", false, false, false},
		{"", false, false, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct egress_unit u;
		egress_unit_read(rows[i].said, &u);
		assert_int_equal(u.denies_addresses, rows[i].addresses);
		assert_int_equal(u.denies_interfaces, rows[i].interfaces);
		assert_int_equal(u.has_private_network, rows[i].network);
	}
}

static void the_least_confined_namespace_counts(void **state)
{
	struct egress_result r = {0};
	struct egress_facts alone = {0}, open = machine();
	(void)state;
	egress_judge(&open, &r);
	egress_judge(&alone, &r);
	assert_int_equal(r.verdict, EGRESS_NOT_CONFINED);
}

static void addresses_outside_are_told(void **state)
{
	static const struct {
		const char *text;
		bool is_outside;
	} rows[] = {{"8.8.8.8", true},    {"10.1.2.3", false},    {"172.31.0.1", false},
	            {"172.32.0.1", true}, {"100.64.0.1", false},  {"127.0.0.1", false},
	            {"::1", false},       {"::", false},          {"fe80::1", false},
	            {"fd00::1", false},   {"2606:4700::1", true}, {"ff02::1", false},
	            {"::2", true},        {"198.18.0.7", true}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct address a;
		assert_int_equal(address_parse(view_text(rows[i].text), &a), OK);
		assert_int_equal(egress_is_outside(&a), rows[i].is_outside);
	}
}

static void a_block_is_outside_when_any_of_it_is(void **state)
{
	static const struct {
		const char *text;
		bool is_outside;
	} rows[] = {{"0.0.0.0/0", true},     {"10.0.0.0/8", false},   {"10.0.0.0/7", true},
	            {"10.77.0.0/24", false}, {"198.18.9.0/24", true}, {"172.16.0.0/12", false},
	            {"172.0.0.0/11", true},  {"224.0.0.0/4", false},  {"::/0", true},
	            {"fe80::/64", false},    {"ff00::/8", false},     {"fd53::/48", false},
	            {"2001:db8::/32", true}, {"8.8.8.8", true},       {"2000::/3", true}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct prefix p;
		assert_int_equal(prefix_parse(view_text(rows[i].text), &p), OK);
		assert_int_equal(egress_is_block_outside(&p), rows[i].is_outside);
	}
}

/* As the kernel writes them: a head, then attributes. */
struct message {
	struct rtmsg head;
	struct {
		struct rtattr head;
		uint8_t bytes[4];
	} attributes[4];
};
#define ATTRIBUTE(type, ...)           \
	{                              \
		{RTA_LENGTH(4), type}, \
		{                      \
			__VA_ARGS__    \
		}                      \
	}

static struct message a_route(void)
{
	return (struct message){
		.head = {.rtm_family = AF_INET, .rtm_dst_len = 24, .rtm_type = RTN_UNICAST},
		.attributes = {ATTRIBUTE(RTA_DST, 198, 18, 9), ATTRIBUTE(RTA_GATEWAY, 10, 0, 0, 1),
	                       ATTRIBUTE(RTA_OIF, 2), ATTRIBUTE(RTA_TABLE, 77)}};
}

static bool is_read(const struct message *m, struct egress_route *r)
{
	return egress_route_read(view_of(m, sizeof(*m)), AF_INET, r);
}

static void a_route_of_the_kernel_is_read(void **state)
{
	struct egress_route r;
	struct message m = a_route();
	char to[PREFIX_TEXT_SIZE], gateway[ADDRESS_TEXT_SIZE];
	(void)state;
	assert_true(is_read(&m, &r));
	assert_string_equal(prefix_print(&r.to, to), "198.18.9.0/24");
	assert_string_equal(address_print(&r.gateway, gateway), "10.0.0.1");
	assert_int_equal(r.interface, 2);
	assert_int_equal(r.table, 77);
	assert_false(egress_route_read(view_of(&m, sizeof(m)), AF_INET6, &r));
	assert_false(egress_route_read(view_of(&m, sizeof(m.head) - 1), AF_INET, &r));
	/* an attribute that claims more than there is, or less than its head, ends them */
	m.attributes[3].head.rta_len = 9;
	m.attributes[2].head.rta_len = 3;
	assert_true(is_read(&m, &r));
	assert_int_equal(r.interface, 0);
	assert_int_equal(r.table, 0);
}

static void what_closes_or_comes_back_is_no_route_out(void **state)
{
	static const uint8_t kinds[] = {RTN_LOCAL,    RTN_BROADCAST,   RTN_MULTICAST, RTN_BLACKHOLE,
	                                RTN_PROHIBIT, RTN_UNREACHABLE, RTN_THROW};
	struct egress_route r;
	struct message m;
	(void)state;
	for (size_t i = 0; i < sizeof(kinds); i++) {
		m = a_route();
		m.head.rtm_type = kinds[i];
		assert_false(is_read(&m, &r));
	}
	m = a_route();
	m.attributes[2].bytes[0] = 1; /* the loopback */
	assert_false(is_read(&m, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_of_rules_is_followed_or_doubted),
		cmocka_unit_test(one_family_is_not_the_other),
		cmocka_unit_test(no_list_is_malformed),
		cmocka_unit_test(every_way_out_has_to_be_known_to_be_closed),
		cmocka_unit_test(what_is_not_known_is_not_confined),
		cmocka_unit_test(what_a_unit_is_set_to_counts_where_the_kernel_has_it),
		cmocka_unit_test(a_filter_that_cannot_be_followed_is_not_known),
		cmocka_unit_test(what_gates_met_counts),
		cmocka_unit_test(settings_of_a_unit_are_read),
		cmocka_unit_test(the_least_confined_namespace_counts),
		cmocka_unit_test(addresses_outside_are_told),
		cmocka_unit_test(a_block_is_outside_when_any_of_it_is),
		cmocka_unit_test(a_route_of_the_kernel_is_read),
		cmocka_unit_test(what_closes_or_comes_back_is_no_route_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
