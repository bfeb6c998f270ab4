#include "daemon/control.h"
#include "tests/test.h"

static void every_verb_is_understood(void **state)
{
	(void)state;
	static const char *lines[] = {
		"{\"verb\":\"status\"}",         " {\"verb\": \"reload\"} ",
		"{\"who\":1,\"verb\":\"stop\"}", "{\"verb\":\"checkpoint\"}",
		"{\"verb\":\"lists-refresh\"}",  "{\"verb\":\"lists-accept\",\"list\":\"ads\"}"};
	for (int i = 0; i < CONTROL_VERBS; i++) {
		struct control_request request = {.verb = CONTROL_VERBS};
		assert_int_equal(control_parse(view_text(lines[i]), &request), OK);
		assert_int_equal(request.verb, i);
		assert_string_equal(request.list, i == CONTROL_LISTS_ACCEPT ? "ads" : "");
	}
	assert_null(control_verb_names[CONTROL_VERBS]);
}

static void anything_else_is_malformed(void **state)
{
	(void)state;
	static const char *lines[] = {"",
	                              "status",
	                              "\"status\"",
	                              "[\"status\"]",
	                              "{\"verb\":1}",
	                              "{\"verb\":\"\"}",
	                              "{\"verb\":\"statu\"}",
	                              "{\"verb\":\"status\"",
	                              "{\"verb\":\"status\"} x",
	                              "{\"verb\":\"status\",\"list\":\"ads\"}",
	                              "{\"verb\":\"lists-refresh\",\"list\":1}",
	                              "{\"verb\":\"lists-refresh\",\"list\":\"\"}",
	                              "{\"verb\":\"lists-accept\"}",
	                              "{}"};
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct control_request request = {.verb = CONTROL_VERBS};
		assert_int_equal(control_parse(view_text(lines[i]), &request), ERR_MALFORMED);
		assert_int_equal(request.verb, CONTROL_VERBS);
	}
}

static void nobody_answers_where_nothing_runs(void **state)
{
	(void)state;
	struct buffer answer = {0};
	assert_int_equal(
		control_ask("/nonexistent/writ", &(struct control_request){0}, 100, &answer),
		ERR_MISSING);
	buffer_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_is_understood),
		cmocka_unit_test(anything_else_is_malformed),
		cmocka_unit_test(nobody_answers_where_nothing_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
