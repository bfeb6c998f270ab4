#include "audit/log_time.h"
#include "base/timestamp.h"
#include "tests/test.h"

static void times_are_read_as_logs_write_them(void **state)
{
	(void)state;
	static const struct {
		const char *text, *is;
	} rows[] = {
		{"1768471200", "2026-01-15T10:00:00Z"},
		{"1768471200.25", "2026-01-15T10:00:00.250000Z"},
		{"1768471200123", "2026-01-15T10:00:00.123000Z"},
		{"1768471200123456789", "2026-01-15T10:00:00.123456Z"},
		{"2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z"},
		{"2026-01-15T10:00:00.5+08:00", "2026-01-15T02:00:00.500000Z"},
		{"2026-01-15T10:00:00.000000-0130", "2026-01-15T11:30:00Z"},
		{"2026-01-15 10:00:00,5", "2026-01-15T10:00:00.500000Z"},
		{"2026/01/15 10:00:00", "2026-01-15T10:00:00Z"},
		{"15/Jan/2026:10:00:00 +0100", "2026-01-15T09:00:00Z"},
		{"15-Jan-2026 10:00:00.123", "2026-01-15T10:00:00.123000Z"},
		{"Jan 15 2026 10:00:00", "2026-01-15T10:00:00Z"},
		{"Thu Jan 15 10:00:00 2026", "2026-01-15T10:00:00Z"},
		{"1/15/2026 1:00:00 PM", "2026-01-15T13:00:00Z"},
		{"1/15/2026 12:00:00 AM", "2026-01-15T00:00:00Z"},
		/* Windows in Chinese (UTF-8, Big5), Korean (UTF-8, UHC) and Japanese (UTF-8) */
		{"2026/1/15 \xe4\xb8\x8b\xe5\x8d\x88 02:15:30", "2026-01-15T14:15:30Z"},
		{"2026/1/15 \xe4\xb8\x8a\xe5\x8d\x88 12:15:30", "2026-01-15T00:15:30Z"},
		{"2026/1/15 \xa4\x55\xa4\xc8 12:15:30", "2026-01-15T12:15:30Z"},
		{"2026/1/15 \xa4\x57\xa4\xc8 02:15:30", "2026-01-15T02:15:30Z"},
		{"2026-01-15 \xec\x98\xa4\xed\x9b\x84 2:15:30", "2026-01-15T14:15:30Z"},
		{"2026-01-15 \xbf\xc0\xc8\xc4 2:15:30", "2026-01-15T14:15:30Z"},
		{"2026/01/15 \xe5\x8d\x88\xe5\xbe\x8c 2:15:30", "2026-01-15T14:15:30Z"},
		{"15/1/2026 10:00:00", "2026-01-15T10:00:00Z"},
		{"02/01/2026 10:00:00", "2026-02-01T10:00:00Z"},
		{"02.01.2026 10:00:00", "2026-01-02T10:00:00Z"},
		{"02.13.2026 10:00:00", "2026-02-13T10:00:00Z"},
		{"20260115 10:00:00", "2026-01-15T10:00:00Z"},
		{"Jan 15 10:00:00", NULL},
		{"10:00:00", NULL},
		{"2026-01-15", NULL},
		{"12345", NULL},
		{"2026-13-15 10:00:00", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[TIMESTAMP_TEXT_SIZE];
		int64_t us = 0;
		int code = log_time_parse(view_text(rows[i].text), &us);
		assert_int_equal(code, rows[i].is ? OK : ERR_MALFORMED);
		if (code == OK)
			assert_string_equal(timestamp_print(us, text), rows[i].is);
	}
}

static void a_time_without_a_zone_is_of_the_one_that_is_given(void **state)
{
	(void)state;
	static const struct {
		const char *text, *is;
	} rows[] = {
		{"2026-01-15 10:00:00", "2026-01-15T09:00:00Z"},
		{"2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z"},
		{"2026-01-15 10:00:00 UTC", "2026-01-15T10:00:00Z"},
		{"2026-01-15T10:00:00-02:00", "2026-01-15T12:00:00Z"},
		{"1768471200", "2026-01-15T10:00:00Z"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[TIMESTAMP_TEXT_SIZE];
		int64_t us = 0;
		assert_int_equal(log_time_parse_at(view_text(rows[i].text), 3600, &us), OK);
		assert_string_equal(timestamp_print(us, text), rows[i].is);
	}
}

static void zones_are_what_is_added_to_utc(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t is;
	} rows[] = {{"Z", 0},         {"utc", 0},
	            {"+01:00", 3600}, {"-0530", -19800},
	            {"+08", 28800},   {"", -1},
	            {"01:00", -1},    {"+1", -1},
	            {"+01:0", -1},    {"Europe/Berlin", -1}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t offset_s = -1;
		int code = log_zone_parse(view_text(rows[i].text), &offset_s);
		assert_int_equal(code, rows[i].is == -1 ? ERR_MALFORMED : OK);
		assert_int_equal(offset_s, rows[i].is);
	}
}

static void a_format_says_how_a_time_is_written(void **state)
{
	(void)state;
	static const struct {
		const char *format, *text, *is;
	} rows[] = {
		{"%d/%m/%Y %H:%M:%S", "02/01/2026 10:00:00", "2026-01-02T09:00:00Z"},
		{"%d.%m.%y %H:%M", "2.1.26 9:05", "2026-01-02T08:05:00Z"},
		{"%F %T,%f", "2026-01-15 10:00:00,25", "2026-01-15T09:00:00.250000Z"},
		{"%FT%T.%f%z", "2026-01-15T10:00:00.123456789+08:00",
	         "2026-01-15T02:00:00.123456Z"},
		{"%FT%T%z", "2026-01-15T10:00:00Z", "2026-01-15T10:00:00Z"},
		{"%a %b %e %H:%M:%S %Y", "Thu Jan  2 10:00:00 2026", "2026-01-02T09:00:00Z"},
		{"%m/%d/%Y %I:%M:%S %p", "1/15/2026 12:30:00 AM", "2026-01-14T23:30:00Z"},
		{"%m/%d/%Y %I:%M:%S %p", "1/15/2026 1:30:00 PM", "2026-01-15T12:30:00Z"},
		{"%m/%d/%Y %I:%M:%S %p", "1/15/2026 13:30:00 PM", NULL},
		{"%s.%f", "1768471200.5", "2026-01-15T10:00:00.500000Z"},
		{"seconds", "1768471200.5", "2026-01-15T10:00:00.500000Z"},
		{"milliseconds", "1768471200123", "2026-01-15T10:00:00.123000Z"},
		{"nanoseconds", "1768471200123456789", "2026-01-15T10:00:00.123456Z"},
		{"milliseconds", "1768471200.5", NULL},
		{"%F %T", "2026-01-15 10:00:00 and more", NULL},
		{"%F %T", "2026-13-15 10:00:00", NULL},
		{"%F %T", "2026-01-15", NULL},
		{"%F %T", "", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[TIMESTAMP_TEXT_SIZE];
		int64_t us = 0;
		assert_true(log_time_is_format(rows[i].format));
		int code = log_time_parse_by(rows[i].format, view_text(rows[i].text), 3600, &us);
		assert_int_equal(code, rows[i].is ? OK : ERR_MALFORMED);
		if (code == OK)
			assert_string_equal(timestamp_print(us, text), rows[i].is);
	}
}

static void a_format_without_a_whole_time_is_none(void **state)
{
	(void)state;
	static const char *const rows[] = {"", "%Y", "%H:%M", "%F", "%F %q", "%F %T%", "when"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_false(log_time_is_format(rows[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_without_a_zone_is_of_the_one_that_is_given),
		cmocka_unit_test(zones_are_what_is_added_to_utc),
		cmocka_unit_test(a_format_says_how_a_time_is_written),
		cmocka_unit_test(a_format_without_a_whole_time_is_none),
		cmocka_unit_test(times_are_read_as_logs_write_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
