#include "base/cleanup.h"
#include "tests/unit/policy/world.h"

#define ADOPTION "  - {order: ban}\n"

enum { ZONES_MAX = 4 };
static uint8_t zone_bytes[ZONES_MAX][1 << 16];
static struct view zone_files[ZONES_MAX];

static void read_zones(const struct organisation *o)
{
	assert_true(o->zone_count <= ZONES_MAX);
	for (size_t i = 0; i < o->zone_count; i++) {
		char path[256];
		(void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", o->zones[i].name);
		FILE *f = fopen(path, "rb");
		assert_non_null(f);
		zone_files[i] =
			view_of(zone_bytes[i], fread(zone_bytes[i], 1, sizeof(zone_bytes[i]), f));
		(void)fclose(f);
	}
}

/* The organisation with that window on its adoption. */
static void build(struct world *w, const char *window)
{
	char adoption[512];
	(void)snprintf(adoption, sizeof(adoption), "  - {order: ban, windows: [%s]}\n", window);
	cleanup(free) char *organisation = with(organisation_yaml, ADOPTION, adoption);
	world_read(w, product_yaml, order_yaml, organisation);
	read_zones(&w->organisation);
	w->zones = zone_files;
	world_compile(w);
}

static enum reason reason_at(const struct world *w, const char *at)
{
	struct policy p;
	struct dname name;
	struct verdict v;
	struct facts f = {.name = &name, .place = NONE};
	assert_int_equal(policy_open(buffer_view(&w->image), &p), OK);
	assert_int_equal(dname_parse_text(view_text("seek.example"), &name), OK);
	assert_int_equal(timestamp_parse(view_text(at), &f.at_us), OK);
	policy_decide(&p, &f, &v);
	return v.reason;
}

struct moment {
	const char *at;
	bool is_open;
};

static void assert_open(const char *window, const struct moment *moments, size_t count)
{
	struct world w;
	build(&w, window);
	assert_string_equal(w.text, "");
	assert_int_equal(w.result, OK);
	for (size_t i = 0; i < count; i++) {
		enum reason expected =
			moments[i].is_open ? REASON_PROHIBITED : REASON_OUTSIDE_WINDOW;
		if (reason_at(&w, moments[i].at) != expected)
			fail_msg("%s at %s", window, moments[i].at);
	}
	world_done(&w);
}
#define ASSERT_OPEN(window, ...)                                                    \
	do {                                                                        \
		static const struct moment moments[] = {__VA_ARGS__};               \
		assert_open(window, moments, sizeof(moments) / sizeof(moments[0])); \
	} while (0)

static void a_window_opens_and_closes_by_the_second_in_local_time(void **state)
{
	(void)state;
	/* 2026-03-02 is a Monday */
	ASSERT_OPEN(
		"{days: [mon, tue, wed, thu, fri], from: 08:00, until: 18:00, time_zone: Asia/Taipei}",
		{"2026-03-02T07:59:59.999999+08:00", false}, {"2026-03-02T08:00:00+08:00", true},
		{"2026-03-02T17:59:59.999999+08:00", true}, {"2026-03-02T18:00:00+08:00", false},
		{"2026-03-06T12:00:00+08:00", true}, {"2026-03-07T12:00:00+08:00", false},
		{"2026-03-08T23:59:59Z", false}, {"2026-03-09T00:00:00Z", true});
}

static void a_window_over_midnight_belongs_to_the_day_on_which_it_begins(void **state)
{
	(void)state;
	ASSERT_OPEN("{days: [fri], from: 22:00, until: 06:00}", {"2026-03-06T05:00:00Z", false},
	            {"2026-03-06T21:59:59Z", false}, {"2026-03-06T22:00:00Z", true},
	            {"2026-03-07T05:59:59Z", true}, {"2026-03-07T06:00:00Z", false},
	            {"2026-03-07T22:00:00Z", false});
	/* from Sunday into Monday */
	ASSERT_OPEN("{days: [sun], from: 23:00, until: 01:00}", {"2026-03-02T00:59:59Z", true},
	            {"2026-03-03T00:30:00Z", false});
}

static void whole_days_are_days_of_the_place(void **state)
{
	(void)state;
	ASSERT_OPEN("{days: [sat, sun], time_zone: America/New_York}",
	            {"2026-03-07T04:59:59Z", false}, {"2026-03-07T05:00:00Z", true},
	            {"2026-03-09T03:59:59Z", true}, {"2026-03-09T04:00:00Z", false});
}

static void a_window_keeps_to_the_wall_clock_through_summer_time(void **state)
{
	(void)state;
	/* Berlin: 2026-03-29 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00 */
	ASSERT_OPEN("{from: 08:00, until: 09:00, time_zone: Europe/Berlin}",
	            {"2026-03-28T07:00:00Z", true}, {"2026-03-29T07:00:00Z", false},
	            {"2026-03-29T06:00:00Z", true}, {"2026-10-24T06:00:00Z", true},
	            {"2026-10-25T06:00:00Z", false}, {"2026-10-25T07:00:00Z", true});
	/* what the clocks leave out does not come; what they repeat comes twice */
	ASSERT_OPEN("{from: 02:30, until: 03:30, time_zone: Europe/Berlin}",
	            {"2026-03-29T00:59:59Z", false}, {"2026-03-29T01:00:00Z", true},
	            {"2026-03-29T01:29:59Z", true}, {"2026-03-29T01:30:00Z", false},
	            {"2026-10-25T00:30:00Z", true}, {"2026-10-25T01:00:00Z", false},
	            {"2026-10-25T01:30:00Z", true}, {"2026-10-25T02:29:59Z", true},
	            {"2026-10-25T02:30:00Z", false});
}

static void the_rule_of_a_zone_holds_for_later_years_and_its_last_offset_after_them(void **state)
{
	(void)state;
	ASSERT_OPEN("{from: 08:00, until: 09:00, time_zone: Europe/Berlin}",
	            {"2099-07-01T06:30:00Z", true}, {"2099-12-31T07:30:00Z", true},
	            {"2101-07-01T06:30:00Z", false}, {"2101-07-01T07:30:00Z", true});
}

static void any_of_several_windows_is_enough(void **state)
{
	(void)state;
	ASSERT_OPEN("{days: [mon], until: 12:00}, {days: [tue], from: 12:00}",
	            {"2026-03-02T11:00:00Z", true}, {"2026-03-02T13:00:00Z", false},
	            {"2026-03-03T11:00:00Z", false}, {"2026-03-03T13:00:00Z", true});
}

static void an_exemption_holds_only_in_its_window(void **state)
{
	(void)state;
	struct world w;
	cleanup(free) char *windowed =
		with(organisation_yaml, "    not_after: 2026-03-01\n",
	             "    not_after: 2026-03-01\n    windows: [{from: 09:00, until: 10:00}]\n");
	cleanup(free) char *organisation =
		with(windowed, "  - {prefix: 10.0.0.0/8}\n", "  - {prefix: 10.3.0.0/16}\n");
	world_read(&w, product_yaml, order_yaml, organisation);
	world_compile(&w);
	struct policy p;
	struct dname name;
	struct verdict v;
	struct facts f = {.name = &name};
	assert_int_equal(policy_open(buffer_view(&w.image), &p), OK);
	assert_int_equal(dname_parse_text(view_text("seek.example"), &name), OK);
	assert_int_equal(address_parse(view_text("10.1.0.1"), &f.client), OK);
	f.place = policy_place_of(&p, &f.client);
	static const struct moment moments[] = {{"2026-02-10T08:59:59Z", false},
	                                        {"2026-02-10T09:00:00Z", true},
	                                        {"2026-02-10T10:00:00Z", false}};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(timestamp_parse(view_text(moments[i].at), &f.at_us), OK);
		policy_decide(&p, &f, &v);
		assert_int_equal(v.reason, moments[i].is_open ? REASON_EXEMPT : REASON_PROHIBITED);
	}
	world_done(&w);
}

static void a_window_says_itself_in_words(void **state)
{
	(void)state;
	static const struct {
		const char *window, *text;
	} cases[] = {
		{"{days: [mon, tue, wed, thu, fri], from: 08:00, until: 18:00, time_zone: Asia/Taipei}",
	         "Mon-Fri 08:00-18:00 Asia/Taipei"},
		{"{days: [mon, wed, thu, sun], from: 22:30, until: 06:00}",
	         "Mon, Wed-Thu, Sun 22:30-06:00 UTC"},
		{"{time_zone: Etc/GMT+8}", "Mon-Sun 00:00-24:00 Etc/GMT+8"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct world w;
		struct policy p;
		build(&w, cases[i].window);
		assert_int_equal(policy_open(buffer_view(&w.image), &p), OK);
		assert_string_equal(policy_text(&p, policy_window(&p, 0)->text), cases[i].text);
		world_done(&w);
	}
}

static void assert_refused(const char *window, const char *expected)
{
	struct world w;
	char adoption[512];
	(void)snprintf(adoption, sizeof(adoption), "  - {order: ban, windows: [%s]}\n", window);
	cleanup(free) char *organisation = with(organisation_yaml, ADOPTION, adoption);
	world_read(&w, product_yaml, order_yaml, organisation);
	world_compile(&w);
	assert_string_equal(w.text, expected);
	assert_int_equal(w.result, ERR_INVALID);
	world_done(&w);
}

static void what_is_no_window_is_refused_with_its_place(void **state)
{
	(void)state;
	assert_refused(
		"{from: 08:00, until: 08:00}",
		"organisation.yaml:11:28: window: the value is not acceptable, expected `until` "
		"at another time than `from`, which may be on the next day\n");
	assert_refused("{days: [monday]}", "organisation.yaml:11:36: days: \"monday\" is unknown, "
	                                   "expected any of: mon, tue, wed, thu, fri, sat, sun\n");
	assert_refused(
		"{time_zone: ../../etc/passwd}",
		"organisation.yaml:11:40: time_zone \"../../etc/passwd\", expected UTC or a name "
		"such as Asia/Taipei\n");
	assert_refused(
		"{time_zone: Asia/Taipei}",
		"organisation.yaml:11:40: time_zone \"Asia/Taipei\": its file is not understood "
		"(input ends too early), expected one of the system's zone database\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_opens_and_closes_by_the_second_in_local_time),
		cmocka_unit_test(a_window_over_midnight_belongs_to_the_day_on_which_it_begins),
		cmocka_unit_test(whole_days_are_days_of_the_place),
		cmocka_unit_test(a_window_keeps_to_the_wall_clock_through_summer_time),
		cmocka_unit_test(
			the_rule_of_a_zone_holds_for_later_years_and_its_last_offset_after_them),
		cmocka_unit_test(any_of_several_windows_is_enough),
		cmocka_unit_test(an_exemption_holds_only_in_its_window),
		cmocka_unit_test(a_window_says_itself_in_words),
		cmocka_unit_test(what_is_no_window_is_refused_with_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
