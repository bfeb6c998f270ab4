#include "base/cleanup.h"
#include "policy/order.h"
#include "tests/unit/policy/world.h"

static void assert_said(const char *from, const char *to, const char *expected)
{
	struct world w;
	cleanup(free) char *order = with(order_yaml, from, to);
	world_read(&w, product_yaml, order, organisation_yaml);
	int result = w.result;
	join_problems(&w, &w.problems, "");
	assert_string_equal(w.text, expected);
	assert_int_equal(result, *expected ? ERR_INVALID : OK);
	world_done(&w);
}

static void a_facet_is_there_once(void **state)
{
	(void)state;
	assert_said("facet: app,", "facet: web,",
	            "order.yaml:14:5: facet web is there twice, expected it once\n");
}

static void what_is_outside_the_scope_says_on_what_condition(void **state)
{
	(void)state;
	assert_said("{facet: app, position: covered}", "{facet: app, position: excluded}",
	            "order.yaml:14:5: position excluded without a condition, expected one, or "
	            "`condition: unknown`\n");
	assert_said("{facet: app, position: covered}",
	            "{facet: app, position: conditional, condition: unknown}", "");
}

static void obligations_are_numbered_and_have_a_source(void **state)
{
	(void)state;
	assert_said("{id: 1, verb", "{id: 2, verb",
	            "order.yaml:16:10: obligation 2 stands at place 1, expected numbers from 1 "
	            "without a gap\n");
	assert_said("deadline: unknown, source: s1", "deadline: unknown, source: s2",
	            "order.yaml:16:132: source \"s2\", expected the id of a source of this file\n");
}

static void a_deadline_is_one_of_its_forms(void **state)
{
	(void)state;
	assert_said("deadline: unknown", "deadline: 30 days after announced", "");
	assert_said("deadline: unknown", "deadline: 1 day after effective", "");
	assert_said(
		"deadline: unknown", "deadline: 30 days after tomorrow",
		"order.yaml:16:115: deadline \"30 days after tomorrow\", expected immediate, none, "
		"unknown, a date, or a time such as \"30 days after announced\"\n");
}

static void what_is_gone_says_when(void **state)
{
	(void)state;
	assert_said("status: in-force\n", "status: superseded\n",
	            "order.yaml:1:1: status is superseded without the date, expected `ended`, or "
	            "`ended: unknown`\n");
	assert_said("status: in-force\n", "status: superseded\nended: unknown\n", "");
	assert_said("status: in-force\n", "status: ended\nended: 2026-01-01\n",
	            "order.yaml:11:8: it ended before it began, expected a later date\n");
}

static void deadlines_count_from_their_start(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t days; /* since 1970-01-01; -1: never */
	} cases[] = {{"2026-01-10", 20463},
	             {"immediate", 20455},
	             {"30 days after announced", 20484},
	             {"1 day after effective", 20456},
	             {"0 days after effective", 20455},
	             {"none", -1},
	             {"unknown", -1}};
	struct world w;
	int64_t at;
	world_read(&w, product_yaml, order_yaml, organisation_yaml);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(order_deadline(&w.order, cases[i].text, &at), OK);
		assert_true(at == (cases[i].days < 0 ? TIME_MAX : cases[i].days * DAY_US));
	}
	static const char *const bad[] = {"", "-1 days after announced",
	                                  "99999 days after announced", "3 days",
	                                  "3 days after announced "};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(order_deadline(&w.order, bad[i], &at), ERR_MALFORMED);
	world_done(&w);
}

static void an_order_binds_from_its_date_to_its_end(void **state)
{
	(void)state;
	static const int64_t day = 20455 * DAY_US;
	static const struct {
		enum order_status status;
		int64_t announced, effective, ended, from, until;
	} cases[] = {
		{ORDER_IN_FORCE, 1, day, SCHEMA_ABSENT, day, TIME_MAX},
		{ORDER_IN_FORCE, 1, SCHEMA_UNKNOWN, SCHEMA_ABSENT, 1, TIME_MAX},
		{ORDER_IN_FORCE, SCHEMA_UNKNOWN, SCHEMA_UNKNOWN, SCHEMA_ABSENT, TIME_MIN, TIME_MAX},
		{ORDER_SUPERSEDED, 1, 2, day, 2, day},
		{ORDER_ENDED, 1, 2, SCHEMA_UNKNOWN, TIME_MAX, TIME_MAX},
		{ORDER_PROPOSED, 1, 2, SCHEMA_ABSENT, TIME_MAX, TIME_MAX},
		{ORDER_INFORMAL, 1, 2, SCHEMA_ABSENT, TIME_MAX, TIME_MAX},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct order o = {.status = (int)cases[i].status,
		                  .announced_us = cases[i].announced,
		                  .effective_us = cases[i].effective,
		                  .ended_us = cases[i].ended};
		int64_t from, until;
		order_interval(&o, &from, &until);
		assert_true(from == cases[i].from && until == cases[i].until);
	}
}

static void a_facet_left_out_is_silent(void **state)
{
	(void)state;
	struct world w;
	world_read(&w, product_yaml, order_yaml, organisation_yaml);
	assert_int_equal(order_position(&w.order, FACET_WEB), POSITION_COVERED);
	assert_int_equal(order_position(&w.order, FACET_HOSTED), POSITION_SILENT);
	assert_int_equal(order_facets(&w.order, POSITION_COVERED),
	                 1u << FACET_WEB | 1u << FACET_APP);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_facet_is_there_once),
		cmocka_unit_test(what_is_outside_the_scope_says_on_what_condition),
		cmocka_unit_test(obligations_are_numbered_and_have_a_source),
		cmocka_unit_test(a_deadline_is_one_of_its_forms),
		cmocka_unit_test(what_is_gone_says_when),
		cmocka_unit_test(deadlines_count_from_their_start),
		cmocka_unit_test(an_order_binds_from_its_date_to_its_end),
		cmocka_unit_test(a_facet_left_out_is_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
