#include "base/endpoint.h"
#include "tests/test.h"

static void prints_what_it_parses(void **state)
{
	(void)state;
	static const char *same[] = {"192.0.2.1:53", "[2001:db8::1]:853", "0.0.0.0:0",
	                             "[::]:65535"};
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct endpoint e, again;
		char text[ENDPOINT_TEXT_SIZE];
		assert_int_equal(endpoint_parse(view_text(same[i]), &e), OK);
		assert_string_equal(endpoint_print(&e, text), same[i]);
		assert_int_equal(endpoint_parse(view_text(text), &again), OK);
		assert_true(endpoint_equal(&e, &again));
	}
}

static void refuses_what_is_no_endpoint(void **state)
{
	(void)state;
	static const char *bad[] = {"",
	                            ":53",
	                            "192.0.2.1",
	                            "192.0.2.1:",
	                            "192.0.2.1:65536",
	                            "192.0.2.1:053",
	                            "192.0.2.1:5x",
	                            "2001:db8::1:53",
	                            "[2001:db8::1]",
	                            "[2001:db8::1]53",
	                            "[2001:db8::1]:",
	                            "[192.0.2.1]:53",
	                            "[]:53",
	                            "[",
	                            "localhost:53",
	                            "192.0.2.1:53:53"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct endpoint e = {.port = 7};
		assert_int_equal(endpoint_parse(view_text(bad[i]), &e), ERR_MALFORMED);
		assert_int_equal(e.port, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_what_it_parses),
		cmocka_unit_test(refuses_what_is_no_endpoint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
