#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/timestamp.h"
#include "tests/test.h"
#include "wire/tzif.h"
#include "wire/tzif_rule.h"

#define ZONES "/usr/share/zoneinfo"

enum { ROWS = 512, SAMPLES = 400 };
static const int64_t from_s = 946684800, until_s = 4102444800; /* 2000 to 2100 */

static uint8_t bytes[1 << 16];
static unsigned zones_compared;

static struct view read_zone(const char *path)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	size_t size = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f);
	return view_of(bytes, size);
}

static int32_t offset_at(const struct tzif_change *rows, int count, int64_t at_s)
{
	int32_t offset_s = rows[0].offset_s;
	for (int i = 1; i < count && rows[i].at_s <= at_s; i++)
		offset_s = rows[i].offset_s;
	return offset_s;
}

static void compare_at(const char *zone, const struct tzif_change *rows, int count, time_t at_s)
{
	struct tm local;
	assert_non_null(localtime_r(&at_s, &local));
	if (offset_at(rows, count, at_s) != local.tm_gmtoff)
		fail_msg("%s at %lld: %d, expected %ld", zone, (long long)at_s,
		         offset_at(rows, count, at_s), local.tm_gmtoff);
}

/* At even steps, and on both sides of every change. */
static int compare_zone(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)ftw;
	struct tzif_change rows[ROWS];
	const char *zone = path + strlen(ZONES "/");
	if (type != FTW_F || strstr(path, "/right/") || strstr(path, "/posix/"))
		return 0;
	struct view file = read_zone(path);
	if (file.size < 4 || memcmp(file.bytes, "TZif", 4) != 0)
		return 0;
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
	int count = tzif_read(file, from_s, until_s, rows, ROWS);
	assert_true(count > 0);
	for (int i = 0; i < SAMPLES; i++)
		compare_at(zone, rows, count, from_s + (until_s - from_s) / SAMPLES * i);
	for (int i = 1; i < count; i++) {
		compare_at(zone, rows, count, rows[i].at_s - 1);
		compare_at(zone, rows, count, rows[i].at_s);
	}
	zones_compared++;
	return 0;
}

static void every_zone_of_the_system_is_read_as_the_c_library_reads_it(void **state)
{
	(void)state;
	assert_int_equal(nftw(ZONES, compare_zone, 16, FTW_PHYS), 0);
	assert_true(zones_compared > 100);
}

static void every_part_of_a_file_is_truncated(void **state)
{
	(void)state;
	struct tzif_change rows[ROWS];
	struct view file = read_zone(ZONES "/Europe/Berlin");
	for (size_t size = 0; size < file.size; size++) {
		int r = tzif_read(view_of(file.bytes, size), from_s, until_s, rows, ROWS);
		assert_true(r == ERR_TRUNCATED || r == ERR_MALFORMED);
	}
}

static void too_little_room_is_a_limit(void **state)
{
	(void)state;
	struct tzif_change rows[8];
	struct view file = read_zone(ZONES "/Europe/Berlin");
	assert_int_equal(tzif_read(file, from_s, until_s, rows, 8), ERR_LIMIT);
}

static void a_file_of_version_1_is_refused(void **state)
{
	(void)state;
	struct tzif_change rows[ROWS];
	struct view file = read_zone(ZONES "/Europe/Berlin");
	bytes[4] = 0;
	assert_int_equal(tzif_read(file, from_s, until_s, rows, ROWS), ERR_MALFORMED);
}

static int64_t at(const char *text)
{
	int64_t us;
	assert_int_equal(timestamp_parse(view_text(text), &us), OK);
	return us / SECOND_US;
}

static void each_form_of_a_rule_names_its_day(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *start, *end; /* in 2028, a leap year */
	} cases[] = {
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2028-03-26T01:00:00Z", "2028-10-29T01:00:00Z"},
		{"EST5EDT,M3.2.0,M11.1.0", "2028-03-12T07:00:00Z", "2028-11-05T06:00:00Z"},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2028-03-26T01:00:00Z", "2028-10-29T01:00:00Z"},
		{"AAA0BBB-2:30,J60/0,J365/0", "2028-03-01T00:00:00Z", "2028-12-30T21:30:00Z"},
		{"AAA0BBB,59/0,60/24", "2028-02-29T00:00:00Z", "2028-03-01T23:00:00Z"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tzif_rule r;
		assert_int_equal(tzif_rule_parse(view_text(cases[i].rule), &r), OK);
		assert_int_equal(tzif_day_at(&r.start, 2028, r.standard_s), at(cases[i].start));
		assert_int_equal(tzif_day_at(&r.end, 2028, r.summer_s), at(cases[i].end));
	}
}

static void a_rule_that_says_nothing_clear_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"",
	                                  "CE-1",
	                                  "CET",
	                                  "CET-1CEST",
	                                  "CET-168",
	                                  "<>-1",
	                                  "<CET-1",
	                                  "CET-1:60",
	                                  "CET-1CEST,M3.5.0",
	                                  "CET-1CEST,M13.5.0,M1.1.0",
	                                  "CET-1X,J1",
	                                  "CET-1CEST,J0,J1",
	                                  "CET-1CEST,M3.6.0,M4.1.0",
	                                  "CET-1CEST,M3.5.7,M4.1.0",
	                                  "CET-1CEST,366,1",
	                                  "CET-1CEST,1,2,",
	                                  "CET-1CEST,1/168,2"};
	struct tzif_rule rule;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(tzif_rule_parse(view_text(bad[i]), &rule), ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_zone_of_the_system_is_read_as_the_c_library_reads_it),
		cmocka_unit_test(every_part_of_a_file_is_truncated),
		cmocka_unit_test(too_little_room_is_a_limit),
		cmocka_unit_test(a_file_of_version_1_is_refused),
		cmocka_unit_test(each_form_of_a_rule_names_its_day),
		cmocka_unit_test(a_rule_that_says_nothing_clear_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
