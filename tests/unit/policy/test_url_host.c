#include "policy/url_host.h"
#include "tests/test.h"

static void a_host_is_what_a_url_has_before_its_port_and_path(void **state)
{
	(void)state;
	static const struct {
		const char *url, *host;
	} cases[] = {
		{"https://seek.example/a", "seek.example"},
		{"seek.example", "seek.example"},
		{"http://seek.example:8080", "seek.example"},
		{"https://[2001:db8::1]:443/v1", "2001:db8::1"},
		{"seek.example?x=/", "seek.example"},
		{"https://", ""},
		{"", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct view host = url_host(view_text(cases[i].url));
		if (!view_equal(host, view_text(cases[i].host)))
			fail_msg("%s: " VIEW_FMT, cases[i].url, VIEW_ARG(host));
	}
}

static void of_a_host_whose_parts_vary_the_rest_is_its_name(void **state)
{
	(void)state;
	static const struct {
		const char *host, *name; /* NULL: it has none */
	} cases[] = {
		{"seek.example", "seek.example"},
		{"{region}.seek.example", "seek.example"},
		{"api-{x}.{region}.seek.example", "seek.example"},
		{"{region}.example", NULL},
		{"example", NULL},
		{"192.0.2.1", NULL},
		{"2001:db8::1", NULL},
		{"seek.{top}", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dname name, expected;
		int r = url_host_name(view_text(cases[i].host), &name);
		if ((r == OK) != (cases[i].name != NULL))
			fail_msg("%s: %d", cases[i].host, r);
		if (r < 0)
			continue;
		assert_int_equal(dname_parse_text(view_text(cases[i].name), &expected), OK);
		assert_int_equal(name.size, expected.size);
		assert_memory_equal(name.bytes, expected.bytes, name.size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_what_a_url_has_before_its_port_and_path),
		cmocka_unit_test(of_a_host_whose_parts_vary_the_rest_is_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
