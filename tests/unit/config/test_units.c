#include <stdlib.h>

#include "base/timestamp.h"
#include "config/units.h"
#include "tests/test.h"

static void assert_prints(void (*print)(int64_t, struct buffer *), int64_t value, const char *text)
{
	struct buffer out = {0};
	print(value, &out);
	char *got = buffer_take(&out);
	assert_string_equal(got, text);
	free(got);
}

static void a_duration_prints_in_its_largest_whole_unit(void **state)
{
	(void)state;
	static const struct {
		int64_t us;
		const char *text;
	} cases[] = {{0, "0"},
	             {1, "1 us"},
	             {250000, "250 ms"},
	             {1000 * SECOND_US, "1000 s"},
	             {90 * 60 * SECOND_US, "90 min"},
	             {2 * 3600 * SECOND_US, "2 h"},
	             {DAY_US, "1 day"},
	             {90 * DAY_US, "90 days"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t us = -1;
		assert_prints(units_print_duration, cases[i].us, cases[i].text);
		assert_int_equal(units_parse_duration(view_text(cases[i].text), &us), OK);
		assert_int_equal(us, cases[i].us);
	}
}

static void a_size_prints_in_its_largest_whole_unit(void **state)
{
	(void)state;
	static const struct {
		int64_t bytes;
		const char *text;
	} cases[] = {{0, "0"},
	             {1500, "1500"},
	             {65536, "64 KiB"},
	             {1 << 30, "1 GiB"},
	             {(INT64_C(1) << 40) + 1024, "1073741825 KiB"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t bytes = -1;
		assert_prints(units_print_size, cases[i].bytes, cases[i].text);
		assert_int_equal(units_parse_size(view_text(cases[i].text), &bytes), OK);
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void a_time_of_day_reads_and_prints(void **state)
{
	(void)state;
	static const char *const times[] = {"00:00", "00:01", "09:59", "23:59", "24:00"};
	static const char *const bad[] = {"",     "8:00",  "24:01", "25:00",  "12:60", "12.30",
	                                  "12:3", "-1:00", "1200",  "12:000", "aa:bb", "0x:00"};
	int64_t us = 42;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(units_parse_clock(view_text(bad[i]), &us), ERR_MALFORMED);
	assert_int_equal(us, 42);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		assert_int_equal(units_parse_clock(view_text(times[i]), &us), OK);
		assert_prints(units_print_clock, us, times[i]);
	}
	assert_int_equal(us, DAY_US);
}

static void a_number_without_meaning_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"",     "-1 s", "s",   "5",    "1.5 s", "5 sek",
	                                  "05 s", "+5 s", "5 S", "5s s", "0x5 s", "5  days ago"};
	int64_t value = 42;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(units_parse_duration(view_text(bad[i]), &value), ERR_MALFORMED);
	assert_int_equal(units_parse_size(view_text("64 KB"), &value), ERR_MALFORMED);
	assert_int_equal(units_parse_int(view_text("--1"), &value), ERR_MALFORMED);
	assert_int_equal(units_parse_int(view_text("1 "), &value), ERR_MALFORMED);
	assert_int_equal(value, 42);
}

static void a_number_that_does_not_fit_reaches_a_limit(void **state)
{
	(void)state;
	int64_t value = 42;
	assert_int_equal(units_parse_int(view_text("9223372036854775808"), &value), ERR_LIMIT);
	assert_int_equal(units_parse_int(view_text("99999999999999999999999"), &value), ERR_LIMIT);
	assert_int_equal(units_parse_duration(view_text("200000000 days"), &value), ERR_LIMIT);
	assert_int_equal(units_parse_size(view_text("8388608 TiB"), &value), ERR_LIMIT);
	assert_int_equal(value, 42);
	assert_int_equal(units_parse_int(view_text("-9223372036854775807"), &value), OK);
	assert_int_equal(value, -INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_duration_prints_in_its_largest_whole_unit),
		cmocka_unit_test(a_size_prints_in_its_largest_whole_unit),
		cmocka_unit_test(a_time_of_day_reads_and_prints),
		cmocka_unit_test(a_number_without_meaning_is_refused),
		cmocka_unit_test(a_number_that_does_not_fit_reaches_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
