#include "base/timestamp.h"
#include "tests/test.h"

static void prints_what_it_parses(void **state)
{
	(void)state;
	static const char *same[] = {"1970-01-01T00:00:00Z",        "2026-01-15T00:00:00Z",
	                             "2024-02-29T23:59:59.000001Z", "1900-03-01T12:00:00Z",
	                             "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.500000Z"};
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		int64_t us;
		char text[TIMESTAMP_TEXT_SIZE];
		assert_int_equal(timestamp_parse(view_text(same[i]), &us), OK);
		assert_string_equal(timestamp_print(us, text), same[i]);
	}
}

static void knows_dates_offsets_and_fractions(void **state)
{
	(void)state;
	int64_t a, b;
	assert_int_equal(timestamp_parse(view_text("2026-01-15"), &a), OK);
	assert_int_equal(a, INT64_C(1768435200) * SECOND_US);
	assert_int_equal(timestamp_parse(view_text("2026-01-15T08:00:00+08:00"), &b), OK);
	assert_int_equal(a, b);
	assert_int_equal(timestamp_parse(view_text("2026-01-14T19:30:00.5-04:30"), &b), OK);
	assert_int_equal(a + SECOND_US / 2, b);
}

static void refuses_what_is_no_instant(void **state)
{
	(void)state;
	static const char *bad[] = {"",
	                            "2026",
	                            "2026-13-01",
	                            "2026-02-29",
	                            "2026-00-10",
	                            "2026-01-15T",
	                            "2026-01-15T24:00:00Z",
	                            "2026-01-15T10:00Z",
	                            "2026-01-15T10:00:00",
	                            "2026-01-15T10:00:00.Z",
	                            "2026-01-15T10:00:00.1234567Z",
	                            "2026-01-15 x",
	                            "26-01-15",
	                            "2026-01-15T10:00:00+8:00",
	                            "2026-01-15T10:00:00Zz"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int64_t us = 42;
		assert_int_equal(timestamp_parse(view_text(bad[i]), &us), ERR_MALFORMED);
		assert_int_equal(us, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_what_it_parses),
		cmocka_unit_test(knows_dates_offsets_and_fractions),
		cmocka_unit_test(refuses_what_is_no_instant),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
