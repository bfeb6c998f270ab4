#include "audit/log_names.h"
#include "tests/unit/policy/world.h"

static struct world world;
static struct policy policy;

static int set_up(void **state)
{
	(void)state;
	world_read(&world, product_yaml, order_yaml, organisation_yaml);
	world_compile(&world);
	return policy_open(buffer_view(&world.image), &policy);
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&world);
	return 0;
}

static struct findings *read_all(const char *text, struct findings_source *coverage,
                                 char example[static FINDING_EXAMPLE_SIZE])
{
	struct findings *f = NULL;
	void *reader = NULL;
	assert_int_equal(findings_new(&policy, 100, &f), OK);
	*coverage = findings_source_none();
	struct audit_context context = {
		.policy = &policy, .findings = f, .coverage = coverage, .example = example};
	assert_int_equal(log_names_open(&context, view_text(text), &reader), OK);
	assert_int_equal(log_names_read(reader, view_text(text)), OK);
	assert_int_equal(log_names_finish(reader), OK);
	log_names_close(reader);
	return f;
}

static void listed_names_are_found_at_label_boundaries(void **state)
{
	(void)state;
	struct findings_source coverage;
	char example[FINDING_EXAMPLE_SIZE];
	struct findings *f =
		read_all("# names\nwww.example.org\nChat.SEEK.example.\nnotseek.example\n"
	                 "\n..\nseek.example",
	                 &coverage, example);
	assert_int_equal(coverage.items, 7);
	assert_int_equal(coverage.not_understood, 1);
	assert_true(view_is(coverage.example, ".."));
	assert_int_equal(findings_count(f), 1);
	assert_int_equal(findings_at(f, 0)->count, 2);
	assert_int_equal(findings_at(f, 0)->at, 3);
	assert_true(view_is(findings_at(f, 0)->what, "Chat.SEEK.example."));
	findings_free(f);
}

static void only_lists_of_names_look_like_one(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{"a.example\nb.example\n", true},
		{"# c\n\na.example", true},
		{"192.0.2.1\n2001:db8::1\n", true},
		{"", false},
		{"# nothing\n", false},
		{"a.example 1\n", false},
		{"{\"a\":1}\n", false},
		{"word\n", false},
		{"a,b.example\n", false},
		{"\x01.\x02\n", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(log_names_probe(view_text(rows[i].text)) > 0, rows[i].is);
}

static void control_characters_of_an_example_are_escaped(void **state)
{
	(void)state;
	struct findings_source coverage;
	char example[FINDING_EXAMPLE_SIZE];
	struct findings *f = read_all("a.example\n\x1b[31m..\\\n", &coverage, example);
	assert_true(view_is(coverage.example, "\\x1b[31m..\\x5c"));
	findings_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed_names_are_found_at_label_boundaries),
		cmocka_unit_test(only_lists_of_names_look_like_one),
		cmocka_unit_test(control_characters_of_an_example_are_escaped),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
