#include "record/submission.h"
#include "tests/test.h"

#define PSEUDONYM "0123456789abcdef0123456789abcdef"

static int check(const char *lines)
{
	size_t count = 0;
	return submission_check(view_text(lines), &count);
}

static void a_line_becomes_an_entry_of_its_time(void **state)
{
	(void)state;
	struct view rest =
		view_text("finding {\"finding\":\"a\",\"state\":\"open\",\"subject\":\"" PSEUDONYM
	                  "\"}\naudit {\"is_nil\":true,\"method\":\"m\",\"run\":\"r\"}\n");
	struct buffer out = {0};
	struct entry e;
	size_t count = 0;
	assert_int_equal(submission_check(rest, &count), OK);
	assert_int_equal(count, 2);
	assert_int_equal(submission_next(&rest, INT64_C(1767225600000000), &out), OK);
	assert_int_equal(entry_parse(buffer_view(&out), &e, NULL), OK);
	assert_int_equal(e.kind, ENTRY_FINDING);
	assert_int_equal(e.time_us, INT64_C(1767225600000000));
	buffer_done(&out);
}

static void what_is_no_finding_or_names_a_person_is_refused(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"",
		"\n",
		"finding",
		"finding \n",
		"finding {}\n",
		"finding {\"state\":\"open\"}\n",
		"heartbeat {\"interval_s\":1,\"source\":\"x\"}\n",
		"finding {\"finding\":\"a\",\"state\":\"open\",\"subject\":\"10.0.0.1\"}\n",
		"finding {\"finding\":\"a\",\"state\":\"open\",\"subject\":\"0123456789ABCDEF0123456789abcdef\"}\n",
		"finding {\"finding\":\"a\",\"state\":\"open\",\"subject\":7}\n",
		"finding {\"state\":\"open\",\"finding\":\"a\"}\n",
		"finding {\"finding\":\"a\",\"state\":\"open\"} \n",
		"finding {\"finding\":\"a\",\"state\":\"open\"},\"kind\":\"stop\",\"time\":\"x\n",
		"finding {\"finding\":\"a\",\"state\":\"open\"}\nnothing\n",
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_true(check(lines[i]) < 0);
	assert_int_equal(check("finding {\"finding\":\"a\",\"state\":\"open\",\"subject\":null}"),
	                 OK);
}

#define ERASURE "erase {\"actor\":\"a\",\"id\":\"i\",\"period\":\"2026-01\",\"reason\":\"r\"}\n"

static void an_erasure_comes_alone_and_says_all(void **state)
{
	(void)state;
	static const char *const bad[] = {
		ERASURE ERASURE,
		"finding {\"finding\":\"a\",\"state\":\"open\"}\n" ERASURE,
		ERASURE "finding {\"finding\":\"a\",\"state\":\"open\"}\n",
		"erase {\"actor\":\"a\",\"period\":\"2026-01\",\"reason\":\"r\"}\n",
		"erase {\"actor\":\"\",\"id\":\"i\",\"period\":\"2026-01\",\"reason\":\"r\"}\n",
		"erase {\"actor\":\"a\",\"id\":\"i\",\"period\":\"2026-13\",\"reason\":\"r\"}\n",
		"erase {\"actor\":\"a\",\"id\":\"i\",\"period\":\"../../x\",\"reason\":\"r\"}\n",
		"erase {\"actor\":\"a\",\"id\":\"i\",\"period\":2026,\"reason\":\"r\"}\n",
		"erase {\"actor\":\"a\",\"id\":\"i\",\"period\":\"2026-01\",\"reason\":null}\n",
	};
	assert_int_equal(check(ERASURE), OK);
	assert_true(submission_is_erasure(view_text(ERASURE)));
	assert_false(submission_is_erasure(view_text("finding {}")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_true(check(bad[i]) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_becomes_an_entry_of_its_time),
		cmocka_unit_test(what_is_no_finding_or_names_a_person_is_refused),
		cmocka_unit_test(an_erasure_comes_alone_and_says_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
