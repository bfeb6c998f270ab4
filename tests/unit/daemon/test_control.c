#include <string.h>

#include "daemon/control.h"
#include "tests/test.h"

static int parse(const char *line, struct control_request *ret)
{
	char problem[CONTROL_PROBLEM_SIZE] = "";
	int code = control_parse(view_text(line), ret, problem);
	assert_int_equal(code == OK, problem[0] == '\0');
	return code;
}

static void a_verb_without_arguments_is_understood(void **state)
{
	(void)state;
	static const char *lines[] = {"{\"verb\":\"status\"}", " {\"verb\": \"reload\"} ",
	                              "{\"verb\":\"stop\"}", "{\"verb\":\"checkpoint\"}",
	                              "{\"verb\":\"lists-refresh\"}"};
	for (int i = 0; i <= CONTROL_LISTS_REFRESH; i++) {
		struct control_request r;
		assert_int_equal(parse(lines[i], &r), OK);
		assert_int_equal(r.verb, i);
		assert_int_equal(r.given, 0);
	}
}

static void arguments_are_read_by_their_rows(void **state)
{
	(void)state;
	struct control_request r;
	char text[DNAME_TEXT_SIZE];
	assert_int_equal(
		parse("{\"verb\":\"dns-query\",\"name\":\"Chat.Example.\",\"type\":\"aaaa\","
	              "\"from\":\"2001:db8::1\",\"transport\":\"tcp\",\"resolve\":true}",
	              &r),
		OK);
	assert_int_equal(r.verb, CONTROL_DNS_QUERY);
	assert_string_equal(dname_print(&r.name, text), "chat.example");
	assert_int_equal(r.type, 28);
	assert_int_equal(r.from.size, 16);
	assert_int_equal(r.transport, 1);
	assert_true(r.resolve);
	assert_int_equal(parse("{\"verb\":\"dns-cache\",\"limit\":7}", &r), OK);
	assert_int_equal(r.limit, 7);
	assert_false(control_has(&r, CONTROL_NAME));
}

static void what_breaks_a_row_is_refused_with_what_was_expected(void **state)
{
	(void)state;
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"{\"verb\":\"status\",\"name\":\"a\"}", "status takes no argument name"},
		{"{\"verb\":\"dns-query\"}", "dns-query needs name"},
		{"{\"verb\":\"lists-accept\"}", "lists-accept needs list"},
		{"{\"verb\":\"lists-refresh\",\"list\":1}", "expected the id of a list"},
		{"{\"verb\":\"lists-refresh\",\"list\":\"\"}", "expected the id of a list"},
		{"{\"verb\":\"dns-query\",\"name\":\"a..b\"}", "expected a domain name"},
		{"{\"verb\":\"dns-query\",\"name\":7}", "expected a domain name"},
		{"{\"verb\":\"dns-query\",\"name\":\"a\",\"type\":\"B\"}",
	         "expected a record type"},
		{"{\"verb\":\"dns-query\",\"name\":\"a\",\"from\":\"1.2.3\"}",
	         "expected an IPv4 or IPv6 address"},
		{"{\"verb\":\"dns-query\",\"name\":\"a\",\"transport\":\"x\"}",
	         "expected one of: udp, tcp"},
		{"{\"verb\":\"dns-cache\",\"limit\":0}", "expected a number from 1"},
		{"{\"verb\":\"dns-cache\",\"limit\":\"5\"}", "expected a number from 1"},
		{"{\"verb\":\"dns-flush\"}", "exactly one of: name, below, all"},
		{"{\"verb\":\"dns-flush\",\"all\":true,\"name\":\"a\"}", "exactly one of"},
		{"{\"verb\":\"dns-flush\",\"all\":false}", "exactly one of"},
		{"{\"verb\":\"dns-top\",\"what\":\"cats\"}", "expected one of: clients, names"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct control_request r;
		char problem[CONTROL_PROBLEM_SIZE] = "";
		assert_int_equal(control_parse(view_text(cases[i].line), &r, problem),
		                 ERR_MALFORMED);
		assert_non_null(strstr(problem, cases[i].says));
	}
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
	                              "{\"verb\":\"status\",\"verb\":\"stop\"}",
	                              "{}"};
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct control_request r = {.verb = CONTROL_VERBS};
		assert_int_equal(parse(lines[i], &r), ERR_MALFORMED);
		assert_int_equal(r.verb, CONTROL_VERBS);
	}
}

static void a_request_is_read_as_it_was_written(void **state)
{
	(void)state;
	static const char *texts[CONTROL_ARGUMENTS] = {
		[CONTROL_LIST] = "ads-2",     [CONTROL_NAME] = "a\\.b.example",
		[CONTROL_BELOW] = "example",  [CONTROL_TYPE] = "TYPE4711",
		[CONTROL_FROM] = "192.0.2.1", [CONTROL_TRANSPORT] = "tcp",
		[CONTROL_WHAT] = "blocked",   [CONTROL_LIMIT] = "100000",
		[CONTROL_SECONDS] = "600",    [CONTROL_FILE] = "0a-1",
	};
	for (int verb = 0; verb < CONTROL_VERBS; verb++) {
		const struct control_verb_row *row = &control_verbs[verb];
		unsigned one = row->one_of & -row->one_of;
		struct control_request r = {.verb = (enum control_verb)verb}, back;
		for (int i = 0; i < CONTROL_ARGUMENTS; i++) {
			if (!((row->required | row->optional | one) >> i & 1))
				continue;
			if (control_arguments[i].kind == CONTROL_KIND_FLAG)
				control_request_set_flag(&r, (enum control_argument)i, true);
			else
				assert_int_equal(control_request_set_text(&r,
				                                          (enum control_argument)i,
				                                          view_text(texts[i])),
				                 OK);
		}
		struct buffer line = {0};
		control_request_write(&r, &line);
		buffer_add(&line, "", 1);
		assert_int_equal(parse((const char *)line.bytes, &back), OK);
		assert_memory_equal(&back, &r, sizeof(r));
		buffer_done(&line);
	}
}

static void an_answer_is_ok_when_its_status_is(void **state)
{
	(void)state;
	static const char *const texts[] = {
		[0] = "{\"ok\":true,\"status\":0}", [2] = "{\"ok\":false,\"status\":2}"};
	for (int status = 0; status <= 2; status += 2) {
		struct buffer out = {0};
		struct json_writer j = {.out = &out};
		control_answer_begin(&j, status);
		json_object_end(&j);
		assert_true(view_is(buffer_view(&out), texts[status]));
		buffer_done(&out);
	}
}

static void nobody_answers_where_nothing_runs(void **state)
{
	(void)state;
	struct buffer answer = {0};
	static const struct control_request request = {.verb = CONTROL_STATUS};
	assert_int_equal(control_ask("/nonexistent/writ", &request, 100, &answer), ERR_MISSING);
	buffer_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verb_without_arguments_is_understood),
		cmocka_unit_test(arguments_are_read_by_their_rows),
		cmocka_unit_test(what_breaks_a_row_is_refused_with_what_was_expected),
		cmocka_unit_test(anything_else_is_malformed),
		cmocka_unit_test(a_request_is_read_as_it_was_written),
		cmocka_unit_test(an_answer_is_ok_when_its_status_is),
		cmocka_unit_test(nobody_answers_where_nothing_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
