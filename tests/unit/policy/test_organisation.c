#include "base/cleanup.h"
#include "policy/organisation.h"
#include "tests/unit/policy/world.h"

static void assert_said(const char *from, const char *to, const char *expected)
{
	struct world w;
	cleanup(free) char *organisation = with(organisation_yaml, from, to);
	world_read(&w, product_yaml, order_yaml, organisation);
	int result = w.result;
	join_problems(&w, &w.problems, "");
	assert_string_equal(w.text, expected);
	assert_int_equal(result, *expected ? ERR_INVALID : OK);
	world_done(&w);
}

static void a_unit_must_be_one_of_the_file(void **state)
{
	(void)state;
	assert_said("    units: [lab]\n", "    units: [lab, cellar]\n",
	            "organisation.yaml:16:18: unit \"cellar\", expected the id of a unit of this "
	            "file\n");
	assert_said("  - {order: ban}\n", "  - {order: ban, units: [cellar]}\n",
	            "organisation.yaml:11:26: unit \"cellar\", expected the id of a unit of this "
	            "file\n");
}

static void a_network_belongs_to_one_unit(void **state)
{
	(void)state;
	assert_said(
		"{prefix: 10.1.0.0/16}", "{prefix: 10.0.0.0/8}",
		"organisation.yaml:9:26: network 10.0.0.0/8 stands in line 7 too, expected each "
		"prefix once\n");
}

static void ids_are_there_once(void **state)
{
	(void)state;
	assert_said(
		"  - {order: ban}\n", "  - {order: ban}\n  - {order: ban}\n",
		"organisation.yaml:12:5: adoption of \"ban\" is there twice, expected an id of its "
		"own\n");
	assert_said(
		"adoptions:\n", "  - {id: lab}\nadoptions:\n",
		"organisation.yaml:10:5: unit \"lab\" is there twice, expected an id of its own\n");
}

static void an_interval_ends_after_it_begins(void **state)
{
	(void)state;
	assert_said("  - {order: ban}\n", "  - {order: ban, from: 2026-01-01, until: 2026-01-01}\n",
	            "organisation.yaml:11:43: until is not after the beginning, expected a later "
	            "time\n");
	assert_said(
		"not_after: 2026-03-01", "not_after: 2026-02-03",
		"organisation.yaml:24:16: not_after is not after the beginning, expected a later "
		"time\n");
}

static void its_own_dates_are_not_unknown(void **state)
{
	(void)state;
	assert_said("  - {order: ban}\n", "  - {order: ban, from: unknown}\n",
	            "organisation.yaml:11:24: from is unknown, expected a date: it is yours to "
	            "decide\n");
	assert_said(
		"not_after: 2026-03-01", "not_after: unknown",
		"organisation.yaml:24:16: not_after is unknown, expected a date: it is yours to "
		"decide\n");
}

static void nobody_is_exempt_at_large(void **state)
{
	(void)state;
	assert_said("    units: [lab]\n    clients: [10.2.0.1]\n", "",
	            "organisation.yaml:13:5: exemption \"trial\" is for nobody, expected units or "
	            "clients: no order here permits a blanket exemption\n");
}

static void assert_list_said(const char *fields, const char *expected)
{
	cleanup(free) char *to = NULL;
	cleanup(free) char *said = NULL;
	assert_true(asprintf(&to, "lists:\n  - {id: ads, reason: Rule., %s}\nadoptions:\n",
	                     fields) > 0);
	assert_true(asprintf(&said, "organisation.yaml:11:%s\n", expected) > 0);
	assert_said("adoptions:\n", to, *expected ? said : "");
}

static void a_list_has_one_source_and_what_belongs_to_it(void **state)
{
	(void)state;
	assert_list_said("url: \"https://lists.example/a\", refresh: 6 h, ca_file: ca.pem", "");
	assert_list_said("url: \"http://127.0.0.1:8080/a\"", "");
	assert_list_said("format: plain",
	                 "5: list: the value is not acceptable, expected either file or url");
	assert_list_said("file: a.txt, url: \"https://lists.example/a\"",
	                 "5: list: the value is not acceptable, expected either file or url");
	assert_list_said("file: a.txt, ca_file: ca.pem",
	                 "5: list: the value is not acceptable, expected ca_file only beside url");
	assert_list_said(
		"url: \"http://lists.example/a\"",
		"5: list: the value is not acceptable, expected https, or sha256 beside an http address that "
		"is not of this machine");
	assert_list_said("file: a.txt, sha256: "
	                 "g000000000000000000000000000000000000000000000000000000000000000",
	                 "51: sha256: "
	                 "\"g000000000000000000000000000000000000000000000000000000000000000\" is "
	                 "not acceptable, expected 64 hexadecimal digits");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_must_be_one_of_the_file),
		cmocka_unit_test(a_network_belongs_to_one_unit),
		cmocka_unit_test(ids_are_there_once),
		cmocka_unit_test(an_interval_ends_after_it_begins),
		cmocka_unit_test(its_own_dates_are_not_unknown),
		cmocka_unit_test(nobody_is_exempt_at_large),
		cmocka_unit_test(a_list_has_one_source_and_what_belongs_to_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
