#include "base/cleanup.h"
#include "policy/product.h"
#include "tests/unit/policy/world.h"

static void assert_said(const char *from, const char *to, const char *expected)
{
	struct world w;
	cleanup(free) char *product = with(product_yaml, from, to);
	world_read(&w, product, order_yaml, organisation_yaml);
	int result = w.result;
	join_problems(&w, &w.problems, "");
	assert_string_equal(w.text, expected);
	assert_int_equal(result, *expected ? ERR_INVALID : OK);
	world_done(&w);
}

static void ids_are_there_once(void **state)
{
	(void)state;
	assert_said("id: address,", "id: name,",
	            "product.yaml:9:5: identifier \"name\" is there twice, expected an id of its "
	            "own\n");
	assert_said("  - {id: s1, note: A note.}\n", "  - {id: s1}\n  - {id: s1}\n",
	            "product.yaml:7:5: source \"s1\" is there twice, expected an id of its own\n");
}

static void a_source_must_be_one_of_the_file(void **state)
{
	(void)state;
	assert_said(
		"value: com.seek, role: dedicated, confidence: high, sources: [s1]",
		"value: com.seek, role: dedicated, confidence: high, sources: [s2]",
		"product.yaml:11:109: source \"s2\", expected the id of a source of this file\n");
}

static void a_value_is_of_its_kind(void **state)
{
	(void)state;
	assert_said("value: seek.example,", "value: seek..example,",
	            "product.yaml:8:52: value \"seek..example\", expected a domain name\n");
	assert_said("value: seek.example,", "value: '.',",
	            "product.yaml:8:52: value \".\", expected a domain name\n");
	assert_said(
		"value: 192.0.2.0/24,", "value: 192.0.2.1/24,",
		"product.yaml:9:56: value \"192.0.2.1/24\", expected an IPv4 or IPv6 address or "
		"prefix\n");
}

static void a_match_rule_fits_its_kind(void **state)
{
	(void)state;
	assert_said("match: suffix,", "match: contains,",
	            "product.yaml:8:73: match \"contains\", expected exact or suffix for a name\n");
	assert_said("match: prefix,", "match: suffix,",
	            "product.yaml:10:69: match \"suffix\", expected another rule: suffix is for "
	            "names\n");
}

static void it_was_seen_last_after_it_was_seen_first(void **state)
{
	(void)state;
	assert_said("{id: app,", "{id: app, first_seen: 2026-01-02, last_seen: 2026-01-02,", "");
	assert_said("{id: app,", "{id: app, first_seen: 2026-01-02, last_seen: 2026-01-01,",
	            "product.yaml:11:50: last_seen of \"app\", expected a date not before "
	            "first_seen\n");
}

static void defaults_and_sources_are_read(void **state)
{
	(void)state;
	struct world w;
	world_read(&w, product_yaml, order_yaml, organisation_yaml);
	const struct product_identifier *all = w.product.identifiers.items;
	assert_int_equal(w.product.identifiers.count, 4);
	assert_int_equal(all[1].match, MATCH_EXACT);
	assert_int_equal(all[1].presence, PRESENCE_CURRENT);
	assert_true(all[1].first_seen_us == SCHEMA_ABSENT);
	assert_string_equal(product_source_find(&w.product, "s1")->note, "A note.");
	assert_null(product_source_find(&w.product, "s2"));
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_there_once),
		cmocka_unit_test(a_source_must_be_one_of_the_file),
		cmocka_unit_test(a_value_is_of_its_kind),
		cmocka_unit_test(a_match_rule_fits_its_kind),
		cmocka_unit_test(it_was_seen_last_after_it_was_seen_first),
		cmocka_unit_test(defaults_and_sources_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
