#include <stdlib.h>
#include <string.h>

#include "gate/packet/mark.h"
#include "gate/packet/rules.h"
#include "tests/test.h"

static const char *names[] = {"lan0", "br-guests"};
static const uint32_t users[] = {61184, 61186};

static struct packet_options routed(void)
{
	return (struct packet_options){.mode = PACKET_ROUTED,
	                               .failure = PACKET_FAIL_OPEN,
	                               .first_queue = 5300,
	                               .mark = 0xf0000000};
}

static char *nft_of(const struct packet_rules *r)
{
	struct buffer out = {0};
	packet_rules_nft(r, &out);
	return buffer_take(&out);
}

static char *iptables_of(const struct packet_rules *r, size_t hook, bool has_call)
{
	const struct packet_hook *hooks;
	struct buffer out = {0};
	assert_true(hook < packet_rules_hooks(r->options->mode, &hooks));
	packet_rules_iptables(r, &hooks[hook], has_call, &out);
	return buffer_take(&out);
}

static void the_table_of_a_router_is_this_one(void **state)
{
	(void)state;
	struct packet_options o = routed();
	struct packet_rules r = {.options = &o, .queues = 1};
	cleanup(free) char *text = nft_of(&r);
	assert_string_equal(
		text,
		"table inet writ\n"
		"delete table inet writ\n"
		"table inet writ {\n"
		"\tcounter queued { }\n"
		"\tcounter unjudged { }\n"
		"\tcounter released { }\n"
		"\tcounter watched { }\n"
		"\tcounter refused { }\n"
		"\tcounter crossed { }\n"
		"\tcounter forged { }\n"
		"\tchain refused {\n"
		"\t\tmeta mark set meta mark & 0x0fffffff\n"
		"\t\ttcp flags & rst == rst accept\n"
		"\t\tcounter name refused\n"
		"\t\tmeta l4proto tcp ct direction original reject with tcp reset\n"
		"\t\tdrop\n"
		"\t}\n"
		"\tchain queue_it {\n"
		"\t\tcounter name queued meta mark set meta mark & 0x0fffffff | 0x60000000\n"
		"\t}\n"
		"\tchain queue_reply {\n"
		"\t\tcounter name queued meta mark set meta mark & 0x0fffffff | 0x70000000\n"
		"\t}\n"
		"\tchain queue_awaited {\n"
		"\t\tcounter name queued meta mark set meta mark & 0x0fffffff | 0xe0000000\n"
		"\t}\n"
		"\tchain queue_awaited_reply {\n"
		"\t\tcounter name queued meta mark set meta mark & 0x0fffffff | 0xf0000000\n"
		"\t}\n"
		"\tchain bare {\n"
		"\t\t@ih,0,8 & 0 == 0 goto queue_it\n"
		"\t\taccept\n"
		"\t}\n"
		"\tchain bare_awaited {\n"
		"\t\t@ih,0,8 & 0 == 0 goto queue_awaited\n"
		"\t\taccept\n"
		"\t}\n"
		"\tchain bare_answer {\n"
		"\t\t@ih,0,8 & 0 == 0 ct mark set ct mark & 0x8fffffff | 0x50000000 goto"
		" queue_awaited_reply\n"
		"\t\taccept\n"
		"\t}\n"
		"\tchain answer {\n"
		"\t\ttcp flags & (syn | rst | ack) == ack @ih,0,16 0x1603 @ih,24,16 >= 38"
		" @ih,40,8 2 @ih,88,64 != 0xcf21ad74e59a6111 ct mark set ct mark & 0x8fffffff"
		" | 0x10000000 counter name released accept\n"
		"\t\ttcp flags & (fin | syn | rst | urg | ack) == ack goto bare_answer\n"
		"\t\tct mark set ct mark & 0x8fffffff | 0x50000000\n"
		"\t\tgoto queue_awaited_reply\n"
		"\t}\n"
		"\tchain released {\n"
		"\t\tcounter name released accept\n"
		"\t}\n"
		"\tchain new {\n"
		"\t\tct direction reply goto queue_reply\n"
		"\t\ttcp flags & (fin | syn | rst | urg | ack) == ack goto bare\n"
		"\t\tgoto queue_it\n"
		"\t}\n"
		"\tchain watched {\n"
		"\t\tct direction reply counter name watched accept\n"
		"\t\ttcp flags & (fin | syn | rst | urg | ack) == ack goto bare\n"
		"\t\tgoto queue_it\n"
		"\t}\n"
		"\tchain awaited {\n"
		"\t\tct direction reply goto answer\n"
		"\t\ttcp flags & (fin | syn | rst | urg | ack) == ack goto bare_awaited\n"
		"\t\tgoto queue_awaited\n"
		"\t}\n"
		"\tchain syn {\n"
		"\t\tct direction reply counter name crossed drop\n"
		"\t\tct mark & 0x70000000 == 0x50000000 goto queue_it\n"
		"\t\tct direction original ct mark set ct mark & 0x0fffffff\n"
		"\t\t@ih,0,8 & 0 == 0 ct mark set ct mark | 0x50000000 goto queue_it\n"
		"\t\t@ih,0,8 & 0 == 0 goto queue_it\n"
		"\t\tct direction original accept\n"
		"\t\tgoto queue_it\n"
		"\t}\n"
		"\tchain judge_tcp {\n"
		"\t\ttcp flags & (fin | syn | rst | ack) == syn goto syn\n"
		"\t\tct mark & 0x70000000 vmap { 0 : goto new, 0x40000000 : goto awaited,"
		" 0x10000000 : goto released, 0x30000000 : goto watched, 0x20000000 : goto"
		" refused, 0x50000000 : goto queue_it }\n"
		"\t\tgoto queue_it\n"
		"\t}\n"
		"\tchain judge_udp {\n"
		"\t\t@th,64,1 1 @th,72,32 { 0x00000001, 0x6b3343cf, 0xff000022, 0xff000021, 0xff000020, 0xff00001f, "
		"0xff00001e, 0xff00001d, 0xff00001c, 0xff00001b, 0xff00001a, 0xff000019, "
		"0xff000018, 0xff000017, 0xff000016, 0xfaceb001, 0xfaceb002, 0xfaceb00e } goto queue_it\n"
		"\t\tct mark & 0x70000000 vmap { 0x10000000 : goto released, 0x30000000 : goto"
		" watched, 0x20000000 : goto refused }\n"
		"\t\tgoto queue_it\n"
		"\t}\n"
		"\tchain judge {\n"
		"\t\tmeta l4proto vmap { tcp : goto judge_tcp, udp : goto judge_udp }\n"
		"\t}\n"
		"\tchain settle {\n"
		"\t\tmeta mark & 0x60000000 == 0x60000000 counter name unjudged\n"
		"\t\tmeta mark & 0xf0000000 == 0x40000000 ct mark & 0x70000000 != 0x10000000"
		" ct mark set ct mark & 0x0fffffff | 0x40000000\n"
		"\t\tmeta mark & 0xf0000000 == 0xc0000000 ct mark & 0x70000000 != 0x10000000"
		" ct mark set ct mark & 0x0fffffff | 0xc0000000\n"
		"\t\tmeta mark & 0xf0000000 == 0x50000000 ct mark & 0x70000000 != 0x10000000"
		" ct mark set ct mark & 0x8fffffff | 0x50000000\n"
		"\t\tmeta mark & 0xf0000000 == 0xd0000000 ct mark & 0x70000000 != 0x10000000"
		" ct mark set ct mark & 0x8fffffff | 0x50000000\n"
		"\t\tmeta mark & 0xf0000000 == 0x10000000 ct mark set ct mark & 0x0fffffff |"
		" 0x10000000\n"
		"\t\tmeta mark & 0xf0000000 == 0x90000000 ct mark set ct mark & 0x0fffffff |"
		" 0x90000000\n"
		"\t\tmeta mark & 0xf0000000 == 0x30000000 ct mark set ct mark & 0x0fffffff |"
		" 0x30000000\n"
		"\t\tmeta mark & 0xf0000000 == 0xb0000000 ct mark set ct mark & 0x0fffffff |"
		" 0xb0000000\n"
		"\t\tmeta mark & 0xf0000000 == 0x20000000 ct mark set ct mark & 0x0fffffff |"
		" 0x20000000 goto refused\n"
		"\t\tmeta mark & 0xf0000000 == 0xa0000000 ct mark set ct mark & 0x0fffffff |"
		" 0xa0000000 goto refused\n"
		"\t\tmeta mark & 0x70000000 == 0x20000000 goto refused\n"
		"\t\tmeta mark & 0xf0000000 == 0xd0000000 drop\n"
		"\t\tmeta mark set meta mark & 0x0fffffff\n"
		"\t}\n"
		"\tchain forward_before {\n"
		"\t\ttype filter hook forward priority 49; policy accept;\n"
		"\t\tmeta mark & 0xf0000000 != 0 meta mark set meta mark & 0x0fffffff\n"
		"\t\tct mark & 0x70000000 == 0x10000000 tcp flags & (syn | ack) == ack counter"
		" name released accept\n"
		"\t\tct mark & 0x70000000 == 0x10000000 meta l4proto udp @th,64,1 0 counter"
		" name released accept\n"
		"\t\tgoto judge\n"
		"\t}\n"
		"\tchain forward_after {\n"
		"\t\ttype filter hook forward priority 151; policy accept;\n"
		"\t\tmeta mark & 0xf0000000 != 0 goto settle\n"
		"\t}\n"
		"}\n");
}

static void interfaces_of_clients_are_matched_both_ways(void **state)
{
	(void)state;
	struct packet_options o = routed();
	o.interfaces = (struct schema_list){.items = names, .count = 2};
	struct packet_rules r = {.options = &o, .queues = 1};
	cleanup(free) char *text = nft_of(&r);
	assert_non_null(strstr(text, "\t\tiifname != { \"lan0\", \"br-guests\" }"
	                             " oifname != { \"lan0\", \"br-guests\" } accept\n"
	                             "\t\tmeta mark & 0xf0000000 != 0"));
}

static void a_kernel_that_has_queue_needs_no_iptables(void **state)
{
	(void)state;
	struct packet_options o = routed();
	struct packet_rules r = {.options = &o, .queues = 4, .has_nft_queue = true};
	cleanup(free) char *open = nft_of(&r);
	assert_non_null(strstr(open, "\t\tqueue flags bypass to 5300-5303\n"));
	o.failure = PACKET_FAIL_CLOSED;
	r.queues = 1;
	cleanup(free) char *closed = nft_of(&r);
	assert_non_null(strstr(closed, "\t\tqueue to 5300\n"));
	assert_null(strstr(closed, "bypass"));
}

static void a_host_judges_what_it_begins_itself_but_not_its_own_roles(void **state)
{
	(void)state;
	struct packet_options o = routed();
	o.mode = PACKET_HOST;
	struct packet_rules r = {
		.options = &o, .queues = 1, .own_users = users, .own_user_count = 2};
	cleanup(free) char *text = nft_of(&r);
	assert_non_null(strstr(text, "\tcounter crossed { }\n"));
	assert_non_null(strstr(text, "\tchain output_before {\n"
	                             "\t\ttype filter hook output priority 49; policy accept;\n"
	                             "\t\toifname \"lo\" accept\n"
	                             "\t\tmeta mark & 0xf0000000 == 0x10000000"
	                             " meta mark set meta mark & 0x0fffffff accept\n"
	                             "\t\tmeta skuid { 61184, 61186 }"
	                             " ct mark set ct mark & 0x0fffffff | 0x10000000 accept\n"
	                             "\t\tct direction reply"
	                             " tcp flags & (fin | syn | rst | ack) == syn"
	                             " counter name crossed drop\n"
	                             "\t\tct direction reply accept\n"
	                             "\t\tmeta mark & 0xf0000000 != 0"));
	assert_non_null(strstr(text, "\tchain input_before {\n"
	                             "\t\ttype filter hook input priority -151; policy accept;\n"
	                             "\t\tiifname \"lo\" accept\n"
	                             "\t\tct state invalid accept\n"
	                             "\t\tct direction original accept\n"
	                             "\t\tmeta mark & 0xf0000000 != 0"));
	assert_null(strstr(text, "hook forward"));
}

static void iptables_queues_what_the_table_marked(void **state)
{
	(void)state;
	struct packet_options o = routed();
	struct packet_rules r = {.options = &o, .queues = 3};
	cleanup(free) char *open = iptables_of(&r, 0, false);
	assert_string_equal(open, "*security\n"
	                          ":writ-forward - [0:0]\n"
	                          "-A writ-forward -m mark --mark 0x60000000/0x60000000"
	                          " -j NFQUEUE --queue-balance 5300:5302 --queue-bypass\n"
	                          "-I FORWARD 1 -j writ-forward\n"
	                          "COMMIT\n");
	o.failure = PACKET_FAIL_CLOSED;
	o.mode = PACKET_HOST;
	r.queues = 1;
	cleanup(free) char *closed = iptables_of(&r, 1, true);
	assert_string_equal(closed, "*mangle\n"
	                            ":writ-input - [0:0]\n"
	                            "-A writ-input -m mark --mark 0x60000000/0x60000000"
	                            " -j NFQUEUE --queue-num 5300\n"
	                            "COMMIT\n");
}

static void what_is_removed_is_what_was_made(void **state)
{
	(void)state;
	const struct packet_hook *hooks;
	assert_int_equal(packet_rules_hooks(PACKET_PASSIVE, &hooks), 0);
	assert_int_equal(packet_rules_hooks(PACKET_HOST, &hooks), 2);
	struct buffer out = {0};
	packet_rules_iptables_remove(&hooks[0], &out);
	packet_rules_nft_remove(&out);
	cleanup(free) char *text = buffer_take(&out);
	assert_string_equal(text, "*security\n"
	                          "-D OUTPUT -j writ-output\n"
	                          "-F writ-output\n"
	                          "-X writ-output\n"
	                          "COMMIT\n"
	                          "table inet writ\n"
	                          "delete table inet writ\n");
}

static void a_mark_leaves_the_bits_of_others(void **state)
{
	(void)state;
	assert_int_equal(packet_mark_bits(0xf0, PACKET_MARK_REFUSED), 0x20);
	assert_int_equal(packet_mark_bits(0xf0, PACKET_MARK_WATCHED | PACKET_MARK_COUNTED), 0xb0);
	assert_int_equal(packet_mark_put(0xf0, 0xabcd, PACKET_MARK_RELEASED), 0xab1d);
	assert_int_equal(packet_mark_put(0xf0000000, 0xffffffff, PACKET_MARK_NONE), 0x0fffffff);
}

static void who_speaks_for_a_server_is_told_where_packets_have_routes(void **state)
{
	(void)state;
	static const char rule[] =
		"\t\ttcp flags & (fin | syn | rst | ack) == syn goto syn\n"
		"\t\tct direction reply ct mark & 0x70000000 != 0x30000000 meta iifkind !="
		" \"bridge\" fib saddr . iif oif missing fib daddr . iif oif exists"
		" counter name forged drop\n";
	struct packet_options o = routed();
	struct packet_rules r = {.options = &o, .queues = 1, .has_nft_fib = true};
	cleanup(free) char *text = nft_of(&r);
	assert_non_null(strstr(text, rule));
	o.mode = PACKET_HOST;
	cleanup(free) char *host = nft_of(&r);
	assert_null(strstr(host, "fib"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_a_router_is_this_one),
		cmocka_unit_test(interfaces_of_clients_are_matched_both_ways),
		cmocka_unit_test(a_kernel_that_has_queue_needs_no_iptables),
		cmocka_unit_test(a_host_judges_what_it_begins_itself_but_not_its_own_roles),
		cmocka_unit_test(iptables_queues_what_the_table_marked),
		cmocka_unit_test(what_is_removed_is_what_was_made),
		cmocka_unit_test(a_mark_leaves_the_bits_of_others),
		cmocka_unit_test(who_speaks_for_a_server_is_told_where_packets_have_routes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
