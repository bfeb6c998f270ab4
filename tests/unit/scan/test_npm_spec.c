#include "scan/npm_spec.h"
#include "tests/test.h"

typedef bool parse_function(struct view, struct npm_spec *);

static void check(parse_function *parse, const char *text, const char *name, const char *version)
{
	struct npm_spec spec = {0};
	assert_true(parse(view_text(text), &spec));
	assert_true(view_is(spec.name, name));
	assert_true(view_is(spec.version, version));
}

static void check_none(parse_function *parse, const char *text)
{
	struct npm_spec spec = {.name = view_text("as it was")};
	assert_false(parse(view_text(text), &spec));
	assert_true(view_is(spec.name, "as it was"));
}

static void a_name_may_have_a_scope_and_a_range_a_scheme(void **state)
{
	(void)state;
	check(npm_spec_parse, "seek@1.0", "seek", "1.0");
	check(npm_spec_parse, "\"@seek/sdk@^1.0\"", "@seek/sdk", "^1.0");
	check(npm_spec_parse, "@seek/sdk@npm:^1.0", "@seek/sdk", "^1.0");
	check(npm_spec_parse, "seek@", "seek", "");
	check_none(npm_spec_parse, "seek");
	check_none(npm_spec_parse, "@seek/sdk");
	check_none(npm_spec_parse, "@seek");
	check_none(npm_spec_parse, "@");
	check_none(npm_spec_parse, "");
}

static void another_name_stands_for_a_package(void **state)
{
	(void)state;
	check(npm_spec_parse, "llm@npm:@seek/sdk@^1.0", "@seek/sdk", "^1.0");
	check(npm_spec_parse, "llm@npm:seek@1", "seek", "1");
	check(npm_spec_parse_alias, "npm:@seek/sdk@^1.0", "@seek/sdk", "^1.0");
	check(npm_spec_parse_alias, "npm:seek", "seek", "");
	check(npm_spec_parse_alias, "npm:seek@1/file.js", "seek", "1");
	check_none(npm_spec_parse_alias, "^1.0");
	check(npm_spec_parse_alias, "npm:/@seek/sdk@1/x", "@seek/sdk", "1");
	check_none(npm_spec_parse_alias, "npm:/");
	check_none(npm_spec_parse_alias, "npm:");
}

static void both_forms_of_pnpm_are_read(void **state)
{
	(void)state;
	check(npm_spec_parse_pnpm, "/@seek/sdk/1.0.0", "@seek/sdk", "1.0.0");
	check(npm_spec_parse_pnpm, "/seek/1.0.0_zod@3.0.0", "seek", "1.0.0");
	check(npm_spec_parse_pnpm, "'@seek/sdk@1.0.0(zod@3.0.0)'", "@seek/sdk", "1.0.0");
	check(npm_spec_parse_pnpm, "/seek@1.0.0", "seek", "1.0.0");
	check_none(npm_spec_parse_pnpm, "seek");
	check_none(npm_spec_parse_pnpm, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_may_have_a_scope_and_a_range_a_scheme),
		cmocka_unit_test(another_name_stands_for_a_package),
		cmocka_unit_test(both_forms_of_pnpm_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
