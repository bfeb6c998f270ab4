#include "base/cleanup.h"
#include "policy/compile.h"
#include "tests/unit/policy/world.h"

/* Compiles with one file altered; `expected` is everything that is said. */
static void assert_said(const char *order_from, const char *order_to, const char *from,
                        const char *to, int result, const char *expected)
{
	struct world w;
	cleanup(free) char *order = with(order_yaml, order_from, order_to);
	cleanup(free) char *organisation = with(organisation_yaml, from, to);
	world_read(&w, product_yaml, order, organisation);
	world_compile(&w);
	assert_string_equal(w.text, expected);
	assert_int_equal(w.result, result);
	world_done(&w);
}

static void assert_organisation(const char *from, const char *to, int result, const char *expected)
{
	assert_said("order: ban\n", "order: ban\n", from, to, result, expected);
}

/* What a client of the lab gets for chat.seek.example at that time. */
static enum reason reason_at(struct world *w, const char *client, const char *at)
{
	struct policy p;
	struct dname name;
	struct verdict v;
	struct facts f = {.name = &name};
	assert_int_equal(policy_open(buffer_view(&w->image), &p), OK);
	assert_int_equal(dname_parse_text(view_text("chat.seek.example"), &name), OK);
	assert_int_equal(address_parse(view_text(client), &f.client), OK);
	assert_int_equal(timestamp_parse(view_text(at), &f.at_us), OK);
	f.place = policy_place_of(&p, &f.client);
	policy_decide(&p, &f, &v);
	return v.reason;
}

static void a_right_world_compiles_and_exempts(void **state)
{
	(void)state;
	struct world w;
	world_read(&w, product_yaml, order_yaml, organisation_yaml);
	world_compile(&w);
	assert_string_equal(w.text, "");
	assert_int_equal(w.result, OK);
	assert_int_equal(w.counts.identifiers, 4);
	assert_int_equal(w.counts.names, 1);
	assert_int_equal(w.counts.rules, 1);
	assert_int_equal(w.counts.rules_live, 1);
	assert_int_equal(reason_at(&w, "10.1.0.1", "2026-01-01"), REASON_NOT_IN_FORCE);
	assert_int_equal(reason_at(&w, "10.1.0.1", "2026-01-02"), REASON_PROHIBITED);
	assert_int_equal(reason_at(&w, "10.1.0.1", "2026-02-02"), REASON_PROHIBITED);
	assert_int_equal(reason_at(&w, "10.1.0.1", "2026-02-03"), REASON_EXEMPT);
	assert_int_equal(reason_at(&w, "10.2.0.1", "2026-02-03"), REASON_EXEMPT);
	assert_int_equal(reason_at(&w, "10.2.0.2", "2026-02-03"), REASON_PROHIBITED);
	assert_int_equal(reason_at(&w, "10.1.0.1", "2026-03-01"), REASON_PROHIBITED);
	world_done(&w);
}

static void an_order_that_does_not_exist_is_refused(void **state)
{
	(void)state;
	assert_organisation(
		"adoptions:\n  - {order: ban}", "adoptions:\n  - {order: ban}\n  - {order: other}",
		ERR_INVALID,
		"organisation.yaml:12:13: order \"other\", expected the id of an order of the "
		"catalogue\n");
}

static void an_exemption_names_an_adopted_order_and_a_product(void **state)
{
	(void)state;
	assert_organisation("    order: ban\n", "    order: other\n", ERR_INVALID,
	                    "organisation.yaml:14:12: order \"other\", expected an order that is "
	                    "adopted in this file\n");
	assert_organisation("    product: seek\n", "    product: other\n", ERR_INVALID,
	                    "organisation.yaml:15:14: product \"other\", expected the id of a "
	                    "product of the catalogue\n");
}

static void an_order_without_exemptions_allows_none(void **state)
{
	(void)state;
	assert_said("  available: yes\n", "  available: unknown\n", "name: A body", "name: A body",
	            ERR_INVALID,
	            "organisation.yaml:14:12: order ban allows no exemption as far as is known "
	            "(available: unknown), expected an order that does\n");
}

static void approvals_keep_the_orders_own_sequence(void **state)
{
	(void)state;
	assert_organisation(
		"      - {role: first, by: A, at: 2026-02-01}\n"
		"      - {role: second, by: B, at: 2026-02-02}\n",
		"      - {role: second, by: B, at: 2026-02-01}\n"
		"      - {role: first, by: A, at: 2026-02-02}\n",
		ERR_INVALID,
		"organisation.yaml:21:9: approval by \"second\" at place 1, expected \"first\": the "
		"order's own sequence\n"
		"organisation.yaml:22:9: approval by \"first\" at place 2, expected \"second\": the "
		"order's own sequence\n");
	assert_organisation("{role: second, by: B, at: 2026-02-02}",
	                    "{role: third, by: B, at: 2026-02-02}", ERR_INVALID,
	                    "organisation.yaml:22:9: approval by \"third\", expected an office of "
	                    "the chain of order ban\n");
	assert_organisation(
		"{role: second, by: B, at: 2026-02-02}", "{role: second, by: B, at: 2026-01-31}",
		ERR_INVALID,
		"organisation.yaml:22:9: approval before the one it follows, expected a "
		"later time\n");
	assert_organisation("{role: second, by: B, at: 2026-02-02}",
	                    "{role: second, by: B, at: unknown}", ERR_INVALID,
	                    "organisation.yaml:22:9: approval at an unknown time, expected the "
	                    "time\n");
}

static void an_approval_too_many_is_refused(void **state)
{
	(void)state;
	assert_organisation(
		"      - {role: second, by: B, at: 2026-02-02}\n",
		"      - {role: second, by: B, at: 2026-02-02}\n"
		"      - {role: second, by: C, at: 2026-02-02}\n",
		ERR_INVALID,
		"organisation.yaml:23:9: approval by \"second\" at place 3, expected no "
		"more than the 2 of order ban\n");
}

static void assert_not_in_force(const char *from, const char *to, const char *expected)
{
	struct world w;
	cleanup(free) char *organisation = with(organisation_yaml, from, to);
	world_read(&w, product_yaml, order_yaml, organisation);
	world_compile(&w);
	assert_string_equal(w.text, expected);
	assert_int_equal(w.result, OK);
	assert_int_equal(reason_at(&w, "10.1.0.1", "2026-02-10"), REASON_PROHIBITED);
	world_done(&w);
}

static void an_incomplete_exemption_is_a_warning_and_not_in_force(void **state)
{
	(void)state;
	assert_not_in_force("      - {role: second, by: B, at: 2026-02-02}\n", "",
	                    "warning organisation.yaml:21:7: exemption \"trial\" is not in force: "
	                    "the approval of second is missing\n");
	assert_not_in_force("    conditions: [offline]\n", "",
	                    "warning organisation.yaml:13:5: exemption \"trial\" is not in force: "
	                    "condition offline is missing\n");
}

static void a_condition_must_be_one_of_the_order(void **state)
{
	(void)state;
	assert_organisation("    conditions: [offline]\n", "    conditions: [offline, blessed]\n",
	                    ERR_INVALID,
	                    "organisation.yaml:19:27: condition \"blessed\", expected the id of a "
	                    "condition of order ban\n");
}

static void an_exemption_lasts_no_longer_than_the_order_allows(void **state)
{
	(void)state;
	assert_organisation("not_after: 2026-03-01", "not_after: 2026-03-05", OK, "");
	assert_organisation("not_after: 2026-03-01", "not_after: 2026-03-05T00:00:01Z", ERR_INVALID,
	                    "organisation.yaml:24:16: exemption \"trial\" is longer than order ban "
	                    "allows, expected at most 30 days\n");
}

static void nothing_is_permitted_before_its_last_approval(void **state)
{
	(void)state;
	struct world w;
	cleanup(free) char *late = with(organisation_yaml, "at: 2026-02-02", "at: 2026-02-20");
	world_read(&w, product_yaml, order_yaml, late);
	world_compile(&w);
	assert_int_equal(reason_at(&w, "10.1.0.1", "2026-02-19T23:59:59Z"), REASON_PROHIBITED);
	assert_int_equal(reason_at(&w, "10.1.0.1", "2026-02-20"), REASON_EXEMPT);
	world_done(&w);
}

static void an_order_without_a_date_needs_one_in_its_adoption(void **state)
{
	(void)state;
	static const char dates[] = "announced: 2026-01-01\neffective: 2026-01-02\n";
	static const char unknown[] = "announced: unknown\neffective: unknown\n";
	assert_said(dates, unknown, "  - {order: ban}\n", "  - {order: ban}\n", ERR_INVALID,
	            "organisation.yaml:11:13: order \"ban\" carries no known date, expected `from` "
	            "in its adoption\n");
	assert_said(dates, unknown, "  - {order: ban}\n", "  - {order: ban, from: 2026-01-05}\n",
	            OK, "");
}

#define LIST "lists:\n  - {id: own, file: list.txt, format: plain, reason: Ours.}\nadoptions:\n"

static void a_bad_line_of_a_list_is_a_warning(void **state)
{
	(void)state;
	struct world w;
	cleanup(free) char *organisation = with(organisation_yaml, "adoptions:\n", LIST);
	world_read(&w, product_yaml, order_yaml, organisation);
	w.list = view_text("one.example\nnot a name!\ntwo.example\n");
	world_compile(&w);
	assert_int_equal(w.result, OK);
	assert_int_equal(w.counts.list_names, 2);
	assert_int_equal(w.counts.list_problems, 1);
	assert_non_null(strstr(w.text, "warning list.txt:2:"));
	world_done(&w);
}

static void a_list_without_any_name_is_refused(void **state)
{
	(void)state;
	struct world w;
	cleanup(free) char *organisation = with(organisation_yaml, "adoptions:\n", LIST);
	world_read(&w, product_yaml, order_yaml, organisation);
	w.list = view_text("# nothing\n");
	world_compile(&w);
	assert_int_equal(w.result, ERR_INVALID);
	assert_string_equal(
		w.text, "organisation.yaml:11:5: list \"own\" holds no name at all, expected at "
			"least one in format plain\n");
	world_done(&w);
}

static void every_problem_is_shown_in_one_go(void **state)
{
	(void)state;
	struct world w;
	cleanup(free) char *one = with(organisation_yaml, "adoptions:\n  - {order: ban}",
	                               "adoptions:\n  - {order: ban}\n  - {order: other}");
	cleanup(free) char *two = with(one, "    product: seek\n", "    product: other\n");
	world_read(&w, product_yaml, order_yaml, two);
	world_compile(&w);
	assert_int_equal(w.problems.count, 2);
	assert_null(w.image.bytes);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_world_compiles_and_exempts),
		cmocka_unit_test(an_order_that_does_not_exist_is_refused),
		cmocka_unit_test(an_exemption_names_an_adopted_order_and_a_product),
		cmocka_unit_test(an_order_without_exemptions_allows_none),
		cmocka_unit_test(approvals_keep_the_orders_own_sequence),
		cmocka_unit_test(an_approval_too_many_is_refused),
		cmocka_unit_test(an_incomplete_exemption_is_a_warning_and_not_in_force),
		cmocka_unit_test(a_condition_must_be_one_of_the_order),
		cmocka_unit_test(an_exemption_lasts_no_longer_than_the_order_allows),
		cmocka_unit_test(nothing_is_permitted_before_its_last_approval),
		cmocka_unit_test(an_order_without_a_date_needs_one_in_its_adoption),
		cmocka_unit_test(a_bad_line_of_a_list_is_a_warning),
		cmocka_unit_test(a_list_without_any_name_is_refused),
		cmocka_unit_test(every_problem_is_shown_in_one_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
