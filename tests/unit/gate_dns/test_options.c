#include <stdio.h>

#include "base/endpoint.h"
#include "gate/dns/options.h"
#include "tests/test.h"

struct reading {
	struct arena arena;
	struct problems problems;
	struct dns_options options;
	int result;
};

static void read_options(struct reading *r, const char *yaml)
{
	*r = (struct reading){0};
	arena_init(&r->arena, 0);
	r->result = schema_read(&dns_options_schema, "dns.yaml", view_text(yaml), &r->arena,
	                        &r->problems, &r->options);
}

static void reading_done(struct reading *r)
{
	problems_done(&r->problems);
	arena_done(&r->arena);
}

static void an_empty_file_gives_a_gate_that_works(void **state)
{
	(void)state;
	struct reading r;
	read_options(&r, "");
	assert_int_equal(r.result, OK);
	const struct endpoint *listen = r.options.listen.items;
	char text[ENDPOINT_TEXT_SIZE];
	assert_int_equal(r.options.listen.count, 2);
	assert_string_equal(endpoint_print(&listen[0], text), "127.0.0.1:5353");
	assert_string_equal(endpoint_print(&listen[1], text), "[::1]:5353");
	assert_int_equal(r.options.block.form, BLOCK_NXDOMAIN);
	assert_int_equal(r.options.block.ttl_us, 60 * SECOND_US);
	assert_int_equal(r.options.upstream.forward.count, 0);
	assert_null(r.options.upstream.trust_anchor);
	assert_true(r.options.upstream.minimise);
	assert_true(r.options.cache.ttl_max_us >= r.options.cache.ttl_min_us);
	reading_done(&r);
}

static void what_is_printed_reads_back_to_the_same(void **state)
{
	(void)state;
	static const char yaml[] =
		"listen: ['192.0.2.53:53', '[2001:db8::53]:53']\n"
		"workers: 4\n"
		"block: {form: address, address4: 192.0.2.80, ttl: 5 s}\n"
		"cache: {size: 256 MiB, negative_ttl_max: 10 min}\n"
		"rate: {responses: 10, slip: 0}\n"
		"tcp: {connections: 100, idle: 3 s}\n"
		"upstream: {forward: ['9.9.9.9:53'], timeout: 2 s, minimise: no}\n";
	struct reading first, second;
	struct buffer once = {0}, twice = {0};
	read_options(&first, yaml);
	assert_int_equal(first.result, OK);
	schema_print(&dns_options_schema, &first.options, 0, &once);
	buffer_add(&once, "", 1);
	read_options(&second, (const char *)once.bytes);
	assert_int_equal(second.result, OK);
	schema_print(&dns_options_schema, &second.options, 0, &twice);
	buffer_add(&twice, "", 1);
	assert_string_equal((const char *)once.bytes, (const char *)twice.bytes);
	assert_int_equal(second.options.block.form, BLOCK_ADDRESS);
	assert_int_equal(second.options.workers, 4);
	buffer_done(&once);
	buffer_done(&twice);
	reading_done(&first);
	reading_done(&second);
}

static void what_cannot_work_is_a_problem_with_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *yaml;
		unsigned line;
	} rows[] = {
		{"block: {form: address}", 1},
		{"workers: 1\nblock:\n  form: address\n  address4: '2001:db8::1'\n", 4},
		{"block:\n  form: address\n  address6: 192.0.2.0/24\n", 3},
		{"block: {form: drop}", 1},
		{"listen: []", 1},
		{"workers: 1\nworkers: 2\n", 2},
		{"rate: {responses: 0}", 1},
		{"cache: {size: 1 KiB}", 1},
		{"listen:\n  - '127.0.0.1:53'\n  - '127.0.0.1:53'\n", 3},
		{"tls:\n  listen: ['[::1]:853',\n    '[::1]:853']\n", 3},
		{"block:\n  structured_option: 10\n", 2},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading r;
		read_options(&r, rows[i].yaml);
		assert_int_equal(r.result, ERR_INVALID);
		assert_non_null(r.problems.first);
		assert_int_equal(r.problems.first->line, rows[i].line);
		reading_done(&r);
	}
}

static void every_option_has_a_sentence_of_help(void **state)
{
	(void)state;
	for (const struct schema_field *f = dns_options_schema.fields; f->name; f++) {
		assert_non_null(f->help);
		for (const struct schema_field *c = f->child ? f->child->fields : f;
		     c->name && f->child; c++)
			assert_true(c->help && c->help[strlen(c->help) - 1] == '.');
	}
}

static void assert_refused(const char *yaml, const char *expected)
{
	struct reading r;
	read_options(&r, yaml);
	assert_int_equal(r.result, ERR_INVALID);
	assert_non_null(strstr(r.problems.first->text, expected));
	reading_done(&r);
}

static void names_and_addresses_of_the_server_are_hosts_and_no_networks(void **state)
{
	(void)state;
	struct reading r;
	read_options(&r, "server: {names: [dns.agency.example, 解析.agency.example], "
	                 "addresses: [192.0.2.53, '2001:db8::53']}\n"
	                 "tls: {listen: ['192.0.2.53:853']}");
	assert_int_equal(r.result, OK);
	assert_int_equal(r.options.server.names.count, 2);
	assert_int_equal(r.options.server.certificate_life_us, 90 * DAY_US);
	reading_done(&r);
	static const char *const hosts[] = {"'a b'", "dns_1.example", "'.'", "a..b", "'*.example'"};
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		char yaml[128];
		(void)snprintf(yaml, sizeof(yaml), "server: {names: [%s]}", hosts[i]);
		assert_refused(yaml, "a host name as dns.agency.example");
	}
	assert_refused("server: {addresses: [192.0.2.0/24]}", "addresses, not networks");
	assert_refused("server: {addresses: ['2001:db8::/32']}", "addresses, not networks");
	assert_refused("server: {certificate_life: 1 s}", "10 s");
}

static void nobody_is_asked_and_heard_at_one_place(void **state)
{
	(void)state;
	static const char itself[] = "not this gate itself", once[] = "one `listen` alone";
	static const char *const good =
		"listen: ['0.0.0.0:53', '[2001:db8::1]:53']\n"
		"tls: {listen: ['0.0.0.0:853']}\n"
		"upstream: {forward: ['127.0.0.1:5353', 'tcp://192.0.2.1:53', '127.0.0.1:53#a.example',"
		" '[2001:db8::2]:53', '[::1]:53']}\n"
		"zones: [{zone: a.example, stub: ['127.0.0.1:853']}]\n";
	struct reading r;
	read_options(&r, good);
	assert_int_equal(r.result, OK);
	reading_done(&r);
	assert_refused("listen: ['192.0.2.1:53']\nupstream: {forward: [192.0.2.1]}\n", itself);
	assert_refused("listen: ['0.0.0.0:53']\nupstream: {forward: ['tcp://127.0.0.53']}\n",
	               itself);
	assert_refused("listen: ['[::]:53']\nzones: [{zone: a.example, stub: ['[::1]:53']}]\n",
	               itself);
	assert_refused("tls: {listen: ['192.0.2.1:853']}\n"
	               "zones: [{zone: a.example, forward: ['192.0.2.1#b.example']}]\n",
	               itself);
	assert_refused("listen: ['192.0.2.1:853']\ntls: {listen: ['192.0.2.1:853']}\n", once);
	assert_refused("listen: ['0.0.0.0:443']\nhttps: {listen: ['127.0.0.1:443']}\n", once);
	assert_refused("https: {listen: ['192.0.2.1:853']}\ntls: {listen: ['192.0.2.1:853']}\n",
	               once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_gives_a_gate_that_works),
		cmocka_unit_test(what_is_printed_reads_back_to_the_same),
		cmocka_unit_test(what_cannot_work_is_a_problem_with_its_place),
		cmocka_unit_test(nobody_is_asked_and_heard_at_one_place),
		cmocka_unit_test(every_option_has_a_sentence_of_help),
		cmocka_unit_test(names_and_addresses_of_the_server_are_hosts_and_no_networks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
