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
		{"15/1/2026 10:00:00", "2026-01-15T10:00:00Z"},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_as_logs_write_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
