#include "policy/text_index.h"
#include "tests/unit/policy/world.h"

static unsigned kind(const char *name)
{
	int k = identifier_kind_find(name);
	assert_true(k >= 0);
	return (unsigned)k;
}

static void a_key_is_how_one_asks(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *value, *key, *pattern;
	} cases[] = {
		{"model", "Seek/R1", "seek/r1", "seek/r1"},
		{"npm", "@Seek/SDK", "npm/@seek/sdk", "@seek/sdk"},
		{"pypi", "seek", "pypi/seek", "seek"},
		{"package-name", "seek", "seek", "seek"},
		{"gguf-architecture", "Seek2", "gguf-architecture=seek2", "seek2"},
		{"user-agent", "Seek/1", "user-agent=seek/1", "seek/1"},
		{"process", "seek.exe", "process=seek.exe", "seek.exe"},
		{"url", "HTTPS://Seek.example/A", "seek.example/a", "seek.example/a"},
		{"base-url", "http://seek.example", "seek.example", "seek.example"},
		{"url", "https://", "", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char key[TEXT_KEY_MAX + 1];
		size_t size = text_index_key(kind(cases[i].kind), view_text(cases[i].value), key);
		assert_string_equal(key, cases[i].key);
		assert_int_equal(size, strlen(key));
		size = text_index_pattern(kind(cases[i].kind), view_text(cases[i].value), key);
		assert_string_equal(key, cases[i].pattern);
		assert_int_equal(size, strlen(key));
	}
}

static void a_long_value_is_cut_and_terminated(void **state)
{
	(void)state;
	static char value[TEXT_KEY_MAX + 100];
	char key[TEXT_KEY_MAX + 1];
	memset(value, 'A', sizeof(value) - 1);
	assert_int_equal(text_index_key(kind("model"), view_text(value), key), TEXT_KEY_MAX);
	assert_int_equal(strlen(key), TEXT_KEY_MAX);
	assert_int_equal(text_index_key(kind("npm"), view_text(value), key), TEXT_KEY_MAX);
	assert_int_equal(strspn(key + 4, "a"), TEXT_KEY_MAX - 4);
}

static void groups_never_meet(void **state)
{
	(void)state;
	struct world w;
	struct policy p;
	uint32_t found[4];
	world_read(&w, product_yaml, order_yaml, organisation_yaml);
	world_compile(&w);
	assert_int_equal(policy_open(buffer_view(&w.image), &p), OK);
	for (unsigned group = 0; group < GROUP_COUNT; group++) {
		assert_int_equal(text_index_find(&p.values, group, view_text("COM.Seek"), found, 4),
		                 group == GROUP_APP);
		assert_int_equal(text_index_find(&p.values, group, view_text("Seek/r1"), found, 4),
		                 group == GROUP_MODEL);
		assert_int_equal(text_index_find(&p.values, group, view_text("Seek/r1"), found, 0),
		                 0);
	}
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_how_one_asks),
		cmocka_unit_test(a_long_value_is_cut_and_terminated),
		cmocka_unit_test(groups_never_meet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
