#include "daemon/exposition.h"
#include "tests/test.h"

static void assert_text(struct buffer *out, const char *expected)
{
	buffer_add(out, "", 1);
	assert_string_equal((const char *)out->bytes, expected);
	buffer_done(out);
}

static void a_family_has_its_head_and_its_samples(void **state)
{
	(void)state;
	struct buffer out = {0};
	exposition_family(&out, "writ_role_up", "gauge", "1 while it is ready.");
	exposition_sample(&out, "writ_role_up",
	                  (struct exposition_label[]){{"role", "dns"}, {"user", "x"}, {0}}, 1);
	exposition_sample(&out, "writ_role_up", NULL, UINT64_MAX);
	assert_text(&out, "# HELP writ_role_up 1 while it is ready.\n"
	                  "# TYPE writ_role_up gauge\n"
	                  "writ_role_up{role=\"dns\",user=\"x\"} 1\n"
	                  "writ_role_up 18446744073709551615\n");
}

static void special_characters_are_escaped(void **state)
{
	(void)state;
	struct buffer out = {0};
	exposition_family(&out, "m", "counter", "a \\ \"b\"\nc");
	exposition_sample(&out, "m", (struct exposition_label[]){{"l", "a \\ \"b\"\nc"}, {0}}, 0);
	assert_text(&out, "# HELP m a \\\\ \"b\"\\nc\n"
	                  "# TYPE m counter\n"
	                  "m{l=\"a \\\\ \\\"b\\\"\\nc\"} 0\n");
}

static void seconds_keep_their_microseconds(void **state)
{
	(void)state;
	struct buffer out = {0};
	exposition_seconds(&out, "m", NULL, 1500042);
	assert_text(&out, "m 1.500042\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_family_has_its_head_and_its_samples),
		cmocka_unit_test(special_characters_are_escaped),
		cmocka_unit_test(seconds_keep_their_microseconds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
