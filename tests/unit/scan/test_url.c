#include "scan/collected_meet.h"
#include "scan/url.h"
#include "tests/scan_world.h"
#include "tests/test.h"

static void the_parts_of_a_url_have_nothing_secret(void **state)
{
	static const struct {
		const char *text, *scheme, *host, *path;
	} rows[] = {
		{"https://a.example", "https://", "a.example", ""},
		{"https://a.example/v1/x?key=k#f", "https://", "a.example", "/v1/x"},
		{"https://user:key@a.example:8443/v1", "https://", "a.example", "/v1"},
		{"https://user:a@b@a.example?k", "https://", "a.example", ""},
		{"a.example:443/v1", "", "a.example", "/v1"},
		{"http://[2001:db8::1]:80/v1", "http://", "[2001:db8::1]", "/v1"},
		{"http://[2001:db8::1]/v1", "http://", "[2001:db8::1]", "/v1"},
		{"key=k-1;https://a.example", "https://", "a.example", ""},
		{"https:///v1", "https://", "", "/v1"},
		{"", "", "", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct scan_url u = scan_url_read(view_text(rows[i].text));
		assert_true(view_is(u.scheme, rows[i].scheme));
		assert_true(view_is(u.host, rows[i].host));
		assert_true(view_is(u.path, rows[i].path));
	}
}

static void a_host_is_asked_for_as_what_it_is(void **state)
{
	static const struct {
		const char *text;
		bool is_asked;
		uint8_t address_size;
	} rows[] = {
		{"a.example", true, 0},    {"*.a.example", true, 0},    {"192.0.2.1", true, 4},
		{"2001:db8::1", true, 16}, {"[2001:db8::1]", true, 16}, {"a..example", false, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct dname room;
		struct facts facts = {0};
		assert_int_equal(scan_url_ask_host(view_text(rows[i].text), &room, &facts),
		                 rows[i].is_asked);
		assert_int_equal(facts.destination.size, rows[i].address_size);
		if (rows[i].is_asked)
			assert_int_equal(facts.name != NULL, rows[i].address_size == 0);
	}
}

/* Which identifier an item that others collected matches; with what is shown of it. */
static const char *met(enum collected_kind kind, const char *id)
{
	static char text[FINDING_TEXT_MAX];
	struct scan_world w;
	scan_world_open(&w);
	struct scan_expressions *expressions = NULL;
	assert_int_equal(scan_expressions_new(scan_policy(), &expressions), OK);
	struct collected_settings settings = {.policy = scan_policy(),
	                                      .findings = w.findings,
	                                      .place = NONE,
	                                      .expressions = expressions};
	struct collected_item item = {.kind = kind, .id = view_text(id)};
	struct findings_source source = findings_source_none();
	int number = findings_add_source(w.findings, &source);
	assert_true(number >= 0);
	assert_int_equal(collected_meet(&settings, (uint32_t)number, &item), OK);
	text[0] = '\0';
	if (findings_count(w.findings)) {
		const struct finding *f = findings_at(w.findings, 0);
		const struct image_identifier *i = policy_identifier(scan_policy(), f->identifier);
		(void)snprintf(text, sizeof(text), "%s: " VIEW_FMT,
		               policy_text(scan_policy(), i->id), VIEW_ARG(f->what));
	}
	scan_expressions_free(expressions);
	scan_world_close(&w);
	return text;
}

static void an_address_that_others_collected_is_asked_for_as_one_of_a_file(void **state)
{
	(void)state;
	assert_string_equal(met(COLLECTED_ADDRESS, "https://api.tenant-7.example/v1"),
	                    "tenants: address of api.tenant-7.example");
	assert_string_equal(met(COLLECTED_ADDRESS, "https://u:k@api.tenant-7.example:8443/v1?k"),
	                    "tenants: address of api.tenant-7.example");
	assert_string_equal(met(COLLECTED_ADDRESS, "http://192.0.2.7:11434/v1"),
	                    "address: address of 192.0.2.7");
	assert_string_equal(met(COLLECTED_ADDRESS, "http://[2001:db8:5ee::7]:11434/v1"),
	                    "address6: address of [2001:db8:5ee::7]");
	assert_string_equal(met(COLLECTED_ADDRESS, "https://other.example:443/v1"), "");
}

static void an_expression_is_compared_with_what_others_collected(void **state)
{
	(void)state;
	assert_string_equal(met(COLLECTED_PROCESS, "seekd-12"), "daemon: process seekd-12");
	assert_string_equal(met(COLLECTED_PROCESS, "seekd-x"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_of_a_url_have_nothing_secret),
		cmocka_unit_test(a_host_is_asked_for_as_what_it_is),
		cmocka_unit_test(an_address_that_others_collected_is_asked_for_as_one_of_a_file),
		cmocka_unit_test(an_expression_is_compared_with_what_others_collected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
