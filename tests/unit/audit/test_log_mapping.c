#include "audit/log_mapping.h"
#include "tests/test.h"

static struct arena arena;
static struct problems problems;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	problems_done(&problems);
	arena_done(&arena);
	return 0;
}

static const struct log_mapping *read_mapping(const char *text)
{
	const struct log_mapping *m = NULL;
	int code = log_mapping_read("m.yaml", view_text(text), &arena, &problems, &m);
	assert_int_equal(code, m ? OK : ERR_INVALID);
	return m;
}

static struct log_state state_of_reader;

static int parse(const struct log_mapping *m, const char *line, struct log_record *ret)
{
	*ret = log_record_none();
	state_of_reader.scratch_used = 0;
	return m->kind.parse(&m->kind, &state_of_reader, view_text(line), ret);
}

static void begin(void)
{
	memset(&state_of_reader, 0, sizeof(state_of_reader));
}

static void columns_are_found_by_the_names_of_the_header(void **state)
{
	(void)state;
	const struct log_mapping *m =
		read_mapping("mapping: m\nseparator: ';'\ncomment: '#'\nquote: \"'\"\n"
	                     "time: {field: When, format: '%d.%m.%Y %H:%M', zone: '+01:00'}\n"
	                     "columns: {client: From, name: Host, up: Sent, down: Got}\n");
	struct log_record r;
	assert_non_null(m);
	assert_string_equal(m->format.name, "mapping m");
	begin();
	assert_int_equal(parse(m, "# made by hand", &r), LOG_SILENT);
	assert_int_equal(parse(m, "when;got;host;x;sent;from", &r), LOG_SILENT);
	assert_int_equal(parse(m, "15.01.2026 10:00;7;'a;b.example';-;8;10.0.0.1", &r), OK);
	assert_true(view_is(r.host, "a;b.example"));
	assert_true(view_is(r.client, "10.0.0.1"));
	assert_int_equal(r.bytes_up, 8);
	assert_int_equal(r.bytes_down, 7);
	assert_int_equal(log_record_time(&r), INT64_C(1768467600000000));
	assert_int_equal(parse(m, "when;got;host;x;sent;from", &r), LOG_SILENT);
	assert_int_equal(parse(m, "15.01.2026 10:00;7;a.example", &r), ERR_MALFORMED);
	assert_int_equal(parse(m, "2026-01-15 10:00;7;a.example;-;8;10.0.0.1", &r), ERR_MALFORMED);
	assert_int_equal(parse(m, ";7;a.example;-;8;10.0.0.1", &r), OK);
	assert_int_equal(log_record_time(&r), TIME_MIN);
}

static void columns_without_a_header_have_numbers(void **state)
{
	(void)state;
	const struct log_mapping *m =
		read_mapping("mapping: m\nseparator: blanks\nheader: no\n"
	                     "time: {field: 1, clock: 2}\ncolumns: {client: 4, url: 3}\n"
	                     "action: {field: 5, only: [GET, connect], except: [PUT]}\n");
	struct log_record r;
	assert_non_null(m);
	begin();
	assert_int_equal(parse(m, "2026-01-15  10:00:00 http://a.example/ 10.0.0.1 GET", &r), OK);
	assert_true(view_is(r.url, "http://a.example/"));
	assert_int_equal(log_record_time(&r), INT64_C(1768471200000000));
	assert_int_equal(parse(m, "2026-01-15 10:00:00 http://a.example/ 10.0.0.1 CONNECT", &r),
	                 OK);
	assert_int_equal(parse(m, "2026-01-15 10:00:00 http://a.example/ 10.0.0.1 HEAD", &r),
	                 LOG_SILENT);
	assert_int_equal(parse(m, "2026-01-15 10:00:00 http://a.example/", &r), ERR_MALFORMED);
}

static void members_are_found_by_their_paths(void **state)
{
	(void)state;
	const struct log_mapping *m =
		read_mapping("mapping: m\nlines: json\ntime: {field: at, format: milliseconds}\n"
	                     "columns: {user: who.name, name: to.host, server: to.ip}\n");
	struct log_record r;
	assert_non_null(m);
	begin();
	assert_int_equal(parse(m,
	                       "{\"at\":1768471200123,\"who\":{\"name\":\"anna\"},"
	                       "\"to\":{\"host\":\"a.ex\\u0061mple\",\"ip\":\"192.0.2.1\"}}",
	                       &r),
	                 OK);
	assert_true(view_is(r.host, "a.example"));
	assert_true(view_is(r.user, "anna"));
	assert_true(view_is(r.destination, "192.0.2.1"));
	assert_int_equal(log_record_time(&r), INT64_C(1768471200123000));
	assert_int_equal(parse(m, "no object", &r), ERR_MALFORMED);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned line, column;
	} rows[] = {
		{"mapping: m\ncolumns: {client: a}\n", 2, 10},
		{"mapping: m\nheader: no\ncolumns:\n  name: Host\n", 4, 9},
		{"mapping: m\nheader: no\ncolumns:\n  name: 300\n", 4, 9},
		{"mapping: m\nseparator: ab\ncolumns: {name: a}\n", 2, 12},
		{"mapping: m\ntime: {field: t, format: '%H'}\ncolumns: {name: a}\n", 2, 26},
		{"mapping: m\ntime: {field: t, zone: Berlin}\ncolumns: {name: a}\n", 2, 24},
		{"mapping: a-name-that-is-too-long\ncolumns: {name: a}\n", 1, 10},
		{"mapping: m\ncolumns: {name: a, url: A}\n", 2, 25},
		{"mapping: m\ncolumns: {host: a}\n", 2, 11},
		{"mapping: m\nlines: xml\ncolumns: {name: a}\n", 2, 8},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_null(read_mapping(rows[i].text));
		assert_non_null(problems.first);
		assert_string_equal(problems.first->file, "m.yaml");
		assert_int_equal(problems.first->line, rows[i].line);
		assert_int_equal(problems.first->column, rows[i].column);
		problems_done(&problems);
		problems = (struct problems){0};
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_found_by_the_names_of_the_header),
		cmocka_unit_test(columns_without_a_header_have_numbers),
		cmocka_unit_test(members_are_found_by_their_paths),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
