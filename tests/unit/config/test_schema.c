#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/schema.h"
#include "tests/test.h"
#include "tests/unit/config/all_types.h"

/* One reading: the arena, the value and the problems, and the printed form of either. */
struct fixture {
	struct arena arena;
	struct problems problems;
	struct all_types value;
	int result;
	char text[4096];
};

static void join_problems(struct fixture *x)
{
	size_t at = 0;
	for (const struct problem *p = x->problems.first; p; p = p->next)
		at += (size_t)snprintf(x->text + at, sizeof(x->text) - at, "%s:%u:%u: %s\n",
		                       p->file, p->line, p->column, p->text);
}

static void read_view(struct fixture *x, struct view text)
{
	*x = (struct fixture){0};
	arena_init(&x->arena, 0);
	x->result = schema_read(&all_types_schema, "f", text, &x->arena, &x->problems, &x->value);
	join_problems(x);
}

static void done(struct fixture *x)
{
	problems_done(&x->problems);
	arena_done(&x->arena);
}

static char *printed(const struct all_types *value, unsigned flags)
{
	struct buffer out = {0};
	schema_print(&all_types_schema, value, flags, &out);
	return buffer_take(&out);
}

static void assert_reads(const char *text, struct fixture *x)
{
	read_view(x, view_text(text));
	assert_string_equal(x->text, "");
	assert_int_equal(x->result, OK);
}

/* `expected` is every problem, a line each, without the file's name. */
static void assert_problem(const char *text, int result, const char *expected)
{
	struct fixture x;
	read_view(&x, view_text(text));
	assert_string_equal(x.text, expected);
	assert_int_equal(x.result, result);
	done(&x);
}

#define HEAD "title: t\nfacets: web\n"

static const char everything[] =
	"title: \"no: \\u4e2d\\n#x\"\nid: a-1\nname: chat.example\nsecret: open sesame\non: no\n"
	"off: true\ncount: -7\nannounced: 2026-01-15\neffective: 2026-01-15T08:00:00Z\n"
	"opens: 24:00\nmode: off\n"
	"facets: [hosted, web]\nextra: []\nnetwork: 2001:db8::/32\nlisten: 192.0.2.1:853\n"
	"limits: {rows: 5, size_max: 10MiB, timeout: 90 min}\n"
	"upstreams:\n  - id: one\n    name: a.b\n    servers: [198.51.100.1:53]\n"
	"    networks: [10.0.0.0/8, \"::/0\"]\n    weight: -3\n  - id: two\n"
	"notes: [no, 12, ~, null, \" x \", 'it''s', \"\xe2\x80\xae\"]\nwords: [a, b]\n";

static void every_type_is_read(void **state)
{
	(void)state;
	struct fixture x;
	assert_reads(everything, &x);
	const struct all_types *v = &x.value;
	assert_string_equal(v->title, "no: \xe4\xb8\xad\n#x");
	assert_string_equal(v->id, "a-1");
	assert_string_equal(v->name, "chat.example");
	assert_false(v->is_on);
	assert_true(v->is_off);
	assert_int_equal(v->count, -7);
	assert_int_equal(v->announced, INT64_C(1768435200) * SECOND_US);
	assert_int_equal(v->effective, v->announced + 8 * 3600 * SECOND_US);
	assert_int_equal(v->opens, DAY_US);
	assert_int_equal(v->mode, 2);
	assert_int_equal(v->facets, 9);
	assert_int_equal(v->extra, 0);
	assert_int_equal(v->network.bits, 32);
	assert_int_equal(v->listen.port, 853);
	assert_int_equal(v->limits.rows, 5);
	assert_int_equal(v->limits.size_max, 10 << 20);
	assert_int_equal(v->limits.timeout_us, 5400 * SECOND_US);
	assert_int_equal(v->upstreams.count, 2);
	const struct upstream *u = v->upstreams.items;
	assert_string_equal(u[1].id, "two");
	assert_int_equal(u[0].weight, -3);
	assert_int_equal(u[0].networks.count, 2);
	assert_int_equal(u[1].networks.count, 0);
	assert_int_equal(u[1].servers.count, 2);
	assert_int_equal(((struct endpoint *)u[1].servers.items)[1].family, ADDRESS_V6);
	assert_string_equal(((const char **)v->notes.items)[0], "no");
	assert_string_equal(((const char **)v->notes.items)[3], "null");
	assert_int_equal(v->notes.count, 7);
	done(&x);
}

static void what_is_left_out_has_its_default_or_is_absent(void **state)
{
	(void)state;
	struct fixture x;
	assert_reads(HEAD "id:\nupstreams:\nlimits:\n", &x);
	const struct all_types *v = &x.value;
	assert_null(v->id);
	assert_null(v->secret);
	assert_true(v->is_on);
	assert_false(v->is_off);
	assert_int_equal(v->count, SCHEMA_ABSENT);
	assert_int_equal(v->announced, SCHEMA_ABSENT);
	assert_int_equal(v->effective, SCHEMA_UNKNOWN);
	assert_int_equal(v->mode, -1);
	assert_int_equal(v->extra, 10);
	assert_int_equal(v->network.family, ADDRESS_NONE);
	assert_int_equal(v->listen.port, 53);
	assert_int_equal(v->limits.timeout_us, 5 * SECOND_US);
	assert_int_equal(v->limits.place.line, 0);
	assert_null(v->upstreams.items);
	done(&x);
}

static void every_struct_field_and_item_knows_its_place(void **state)
{
	(void)state;
	struct fixture x;
	assert_reads(HEAD "upstreams:\n  - id: one\n    servers:\n      - 192.0.2.7:1\n", &x);
	const struct upstream *u = x.value.upstreams.items;
	assert_int_equal(u->place.line, 4);
	assert_int_equal(u->place.column, 5);
	assert_string_equal(u->place.file, "f");
	struct config_place at = config_place_of(&upstream_schema, u, "id");
	assert_int_equal(at.line, 4);
	assert_int_equal(at.column, 9);
	at = config_place_of(&upstream_schema, u, "weight");
	assert_int_equal(at.line, 4);
	assert_int_equal(at.column, 5);
	at = config_place_of_item(&upstream_schema, u, "servers", 0);
	assert_int_equal(at.line, 6);
	assert_int_equal(at.column, 9);
	done(&x);
}

static void each_kind_of_problem_says_what_and_where(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *problems;
	} cases[] = {
#define CASE(yaml, problems) {HEAD yaml "\n", "f:3:" problems "\n"}
		CASE("cuont: 1",
	             "1: all types: unknown key \"cuont\" (did you mean \"count\"?), expected keys with "
	             "values: title, id, name, secret, on, off, count, announced, effective, opens, mode, facets, "
	             "extra, network, listen, limits, upstreams, notes, words"),
		CASE("limits: {zebra: 1}",
	             "10: limits: unknown key \"zebra\", expected keys with values: rows, size_max, "
	             "timeout"),
		CASE("title: x",
	             "1: title: written a second time, expected once (first on line 1)"),
		CASE("? [a]\n: 1", "3: all types: a list or map is a key, expected a word"),
		CASE("upstreams: [{weight: 1}]",
	             "13: upstream: \"id\" is missing, expected an id of lower-case letters, digits and "
	             "hyphens, at most 64 of them"),
		CASE("upstreams: [{id: }]",
	             "18: id: nothing was found, expected an id of lower-case letters, digits and "
	             "hyphens, at most 64 of them"),
		CASE("id: A",
	             "5: id: \"A\" is no id, expected an id of lower-case letters, digits and "
	             "hyphens, at most 64 of them"),
		CASE("count: [1]", "8: count: a list was found, expected a whole number"),
		CASE("count: {a: [1, {b: c}]}",
	             "8: count: keys with values were found, expected a whole number"),
		CASE("count: 1.5", "8: count: \"1.5\" is not understood, expected a whole number"),
		CASE("count: 010", "8: count: \"010\" is not understood, expected a whole number"),
		CASE("count: 9223372036854775808",
	             "8: count: \"9223372036854775808\" is out of range, expected a whole number"),
		CASE("notes: x", "8: notes: one value was found, expected a list of text"),
		CASE("upstreams: [x]",
	             "13: upstreams: one value was found, expected keys with values: id, name, servers, "
	             "networks, weight"),
		CASE("limits: 3",
	             "9: limits: one value was found, expected keys with values: rows, size_max, timeout"),
		CASE("limits: {rows: 0}",
	             "16: rows: \"0\" is out of range, expected a whole number from 1 to 1000000"),
		CASE("limits: {timeout: 2 days}",
	             "19: timeout: \"2 days\" is out of range, expected a duration such as 250 ms, 30 s, "
	             "5 min, 2 h or 90 days from 1 ms to 1 day"),
		CASE("limits: {timeout: 5 sek}",
	             "19: timeout: \"5 sek\" is not understood, expected a duration such as 250 ms, 30 s, "
	             "5 min, 2 h or 90 days from 1 ms to 1 day"),
		CASE("limits: {size_max: 64 KB}",
	             "20: size_max: \"64 KB\" is not understood, expected a size such as 64 KiB, 10 MiB or "
	             "1 GiB from 1 KiB to 1 GiB"),
		CASE("limits: {rows: 1000000}",
	             "9: limits: the value is not acceptable, expected rows of at "
	             "most size_max"),
		CASE("on: y", "5: on: \"y\" is not understood, expected yes or no"),
		CASE("announced: 2026-01-15T00:00:00Z",
	             "12: announced: \"2026-01-15T00:00:00Z\" is not understood, expected a date such as "
	             "2026-01-15"),
		CASE("effective: soon",
	             "12: effective: \"soon\" is not understood, expected a date such as 2026-01-15, a "
	             "time such as 2026-01-15T08:00:00Z, or unknown"),
		CASE("opens: 8:00",
	             "8: opens: \"8:00\" is not understood, expected a time of day such as 08:00 or "
	             "24:00"),
		CASE("mode: enfroce",
	             "7: mode: \"enfroce\" is unknown (did you mean \"enforce\"?), expected "
	             "one of: observe, enforce, off"),
		CASE("extra: [web, apple]",
	             "14: extra: \"apple\" is unknown (did you mean \"app\"?), expected any of: web, app, "
	             "api, hosted"),
		CASE("name: x", "7: name: \"x\" is not acceptable, expected a name with a dot"),
		CASE("secret: abc",
	             "9: secret: the secret is too short, expected text of 4 bytes to 100 bytes"),
		CASE("id: \"\"",
	             "5: id: \"\" is empty, expected an id of lower-case letters, digits and "
	             "hyphens, at most 64 of them"),
		CASE("notes: [\"a\\0b\"]",
	             "9: notes: \"a?b\" has control characters, expected text"),
		CASE("network: 10.0.0.1/8",
	             "10: network: \"10.0.0.1/8\" has bits set after its length, expected an address or a "
	             "block such as 192.0.2.0/24 or 2001:db8::/32"),
		CASE("listen: 192.0.2.1",
	             "9: listen: \"192.0.2.1\" is not understood, expected an address and port such as "
	             "192.0.2.1:53 or \"[2001:db8::1]:53\""),
		CASE("upstreams: [{id: a, servers: []}]",
	             "30: servers: 0 items were found, expected at least 1"),
		CASE("words: [a, b, a, b]",
	             "15: words: the item was listed before, expected each once"),
		CASE("notes: &x [a]",
	             "8: the anchor \"x\" is used, expected every value to be written out"),
		CASE("notes: [!!str a]",
	             "9: the tag \"tag:yaml.org,2002:str\" is used, expected every value "
	             "to be written out"),
		CASE("--- {}", "1: a second document begins, expected one a file"),
		CASE("id: \x01",
	             "5: a control character that begins with byte 0x01, expected text in UTF-8"),
		CASE("id: \xff", "5: a stray byte 0xff, expected text in UTF-8"),
		CASE("notes: [\xed\xa0\x80]", "9: a stray byte 0xed, expected text in UTF-8"),
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_problem(cases[i].yaml, ERR_INVALID, cases[i].problems);
}

static void what_is_no_yaml_is_told_with_its_place(void **state)
{
	(void)state;
	assert_problem(HEAD "notes:\n\t- x\n", ERR_INVALID,
	               "f:4:1: a tab, expected spaces for indentation\n");
	assert_problem(
		HEAD "notes: [a\nid: x\n", ERR_INVALID,
		"f:4:3: not well-formed YAML: did not find expected ',' or ']' while parsing a flow "
		"sequence that begins at 3:8\n");
	assert_problem(
		HEAD "notes: [a, ]\n- x\n", ERR_INVALID,
		"f:4:1: not well-formed YAML: did not find expected key while parsing a block "
		"mapping that begins at 1:1\n");
}

static void all_problems_are_told_at_once(void **state)
{
	(void)state;
	assert_problem(
		"count: x\nmode: [off]\nupstreams:\n  - id: B\n    servers: [1, 2, 3, 4, 5]\n"
		"  - *a\non: maybe\n",
		ERR_INVALID,
		"f:1:8: count: \"x\" is not understood, expected a whole number\n"
		"f:2:7: mode: a list was found, expected one of: observe, enforce, off\n"
		"f:4:9: id: \"B\" is no id, expected an id of lower-case letters, digits and "
		"hyphens, at most 64 of them\n"
#define NO_ENDPOINT                                                                 \
	" is not understood, expected an address and port such as 192.0.2.1:53 or " \
	"\"[2001:db8::1]:53\"\n"
		"f:5:15: servers: \"1\"" NO_ENDPOINT "f:5:18: servers: \"2\"" NO_ENDPOINT
		"f:5:21: servers: \"3\"" NO_ENDPOINT
		"f:5:24: servers: one item too many, expected at most 3\n"
		"f:6:5: the alias \"a\" is used, expected every value to be written out\n"
		"f:7:5: on: \"maybe\" is not understood, expected yes or no\n"
		"f:1:1: all types: \"title\" is missing, expected text\n"
		"f:1:1: all types: \"facets\" is missing, expected any of: web, app, api, hosted\n");
}

static void an_empty_file_lacks_what_is_required(void **state)
{
	(void)state;
	static const char *const empty[] = {"", "# only a comment\n", "---\n", "---\n...\n"};
	for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++) {
		struct fixture x;
		read_view(&x, view_text(empty[i]));
		assert_int_equal(x.result, ERR_INVALID);
		assert_int_equal(x.problems.count, 2);
		done(&x);
	}
	struct limits limits;
	struct arena a;
	struct problems p = {0};
	arena_init(&a, 0);
	assert_int_equal(schema_read(&limits_schema, "f", view_text(""), &a, &p, &limits), OK);
	assert_int_equal(limits.rows, 100);
	arena_done(&a);
}

static void a_byte_order_mark_is_passed_over(void **state)
{
	(void)state;
	struct fixture x;
	assert_reads("\xef\xbb\xbf" HEAD, &x);
	done(&x);
	assert_problem(
		HEAD "id: \xef\xbb\xbfx\n", ERR_INVALID,
		"f:3:5: a control character that begins with byte 0xef, expected text in UTF-8\n");
}

static void limits_end_in_a_message(void **state)
{
	(void)state;
	struct fixture x;
	char *text = calloc(1, 70000 + SCHEMA_NODES_MAX * 2);
	assert_non_null(text);
	memset(text, '[', 1000);
	read_view(&x, view_text(text));
	assert_int_equal(x.result, ERR_LIMIT);
	assert_int_equal(x.problems.count, 2);
	assert_int_equal(x.problems.last->column, 17);
	assert_string_equal(x.problems.last->text, "nested deeper than 16 levels, expected fewer");
	done(&x);
	strcpy(text, HEAD "id: ");
	memset(text + strlen(text), 'a', SCHEMA_TEXT_MAX + 1);
	read_view(&x, view_text(text));
	assert_int_equal(x.result, ERR_INVALID);
	assert_string_equal(x.text, "f:3:5: a text of 65537 bytes, expected at most 65536\n");
	done(&x);
	free(text);
}

static void too_many_nodes_end_in_a_message(void **state)
{
	(void)state;
	struct fixture x;
	struct buffer b = {0};
	buffer_add_text(&b, HEAD "unknown_key: [");
	for (size_t i = 0; i < SCHEMA_NODES_MAX; i++)
		buffer_add_text(&b, "1,");
	read_view(&x, buffer_view(&b));
	assert_int_equal(x.result, ERR_LIMIT);
	assert_string_equal(x.problems.last->text,
	                    "more than 2000000 values, expected a smaller file");
	done(&x);
	buffer_done(&b);
}

static void a_failure_leaves_the_result_untouched(void **state)
{
	(void)state;
	struct all_types value, before;
	struct problems p = {0};
	struct arena a;
	memset(&value, 0x5a, sizeof(value));
	before = value;
	arena_init(&a, 0);
	assert_int_equal(schema_read(&all_types_schema, "f", view_text("id: x\n"), &a, &p, &value),
	                 ERR_INVALID);
	assert_memory_equal(&value, &before, sizeof(value));
	problems_done(&p);
	arena_done(&a);
}

static void a_full_arena_is_no_memory(void **state)
{
	(void)state;
	struct fixture whole;
	assert_reads(everything, &whole);
	for (size_t size = 1; size < whole.arena.used; size += 48) {
		struct all_types value;
		struct problems p = {0};
		struct arena a;
		arena_init(&a, size);
		assert_int_equal(
			schema_read(&all_types_schema, "f", view_text(everything), &a, &p, &value),
			-ENOMEM);
		assert_int_equal(p.count, 0);
		arena_done(&a);
	}
	done(&whole);
}

static void what_is_printed_reads_back_to_the_same(void **state)
{
	(void)state;
	static const char *const files[] = {
		everything, HEAD, HEAD "extra: []\nnotes: []\nwords: [1a]\n",
		"title: \"yes\"\nfacets: [app]\nupstreams: [{id: a, servers: "
		"[\"[::]:0\"]}]\nlimits: {timeout: 1 day}\n"};
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		for (unsigned flags = 0; flags <= SCHEMA_PRINT_SHORT; flags++) {
			struct fixture x, y;
			assert_reads(files[i], &x);
			char *first = printed(&x.value, flags);
			assert_reads(first, &y);
			char *second = printed(&y.value, flags), *a = printed(&x.value, 0),
			     *b = printed(&y.value, 0);
			assert_string_equal(first, second);
			assert_string_equal(a, b);
			free(first), free(second), free(a), free(b);
			done(&x), done(&y);
		}
	}
}

static void a_short_print_leaves_defaults_out_and_a_hidden_one_secrets(void **state)
{
	(void)state;
	struct fixture x;
	assert_reads(HEAD "secret: open sesame\ncount: 3\nlimits: {rows: 7, timeout: 5000 ms}\n",
	             &x);
	char *text = printed(&x.value, SCHEMA_PRINT_SHORT | SCHEMA_PRINT_HIDDEN);
	assert_string_equal(text, "title: t\n# secret: set, not shown\noff: no\ncount: 3\n"
	                          "facets: [web]\nlimits:\n  rows: 7\n");
	free(text);
	done(&x);
}

static void every_truncation_reads_or_says_a_problem(void **state)
{
	(void)state;
	size_t size = sizeof(everything) - 1, good = 0;
	for (size_t cut = 0; cut <= size; cut++) {
		struct fixture x;
		char *exact = malloc(cut ? cut : 1);
		memcpy(exact, everything, cut);
		read_view(&x, view_of(exact, cut));
		assert_true(x.result == OK ? x.problems.count == 0 : x.problems.count > 0);
		good += x.result == OK;
		done(&x);
		free(exact);
	}
	assert_true(good > 10 && good < size);
}

static void one_scalar_is_read_alone(void **state)
{
	(void)state;
	static const struct schema_field size = {.type = SCHEMA_SIZE, .min = 1, .max = 1 << 20};
	static const struct schema_field set = {.type = SCHEMA_SET, .choices = facet_words};
	const char *problem = NULL;
	int64_t bytes = 5;
	uint64_t bits = 0;
	struct arena a;
	arena_init(&a, 0);
	assert_int_equal(schema_read_scalar(&size, view_text("64KiB"), &a, &problem, &bytes), OK);
	assert_int_equal(bytes, 65536);
	assert_int_equal(schema_read_scalar(&size, view_text("2 MiB"), &a, &problem, &bytes),
	                 ERR_INVALID);
	assert_string_equal(problem,
	                    "\"2 MiB\" is out of range, expected a size such as 64 KiB, 10 MiB or "
	                    "1 GiB from 1 to 1 MiB");
	assert_int_equal(bytes, 65536);
	static const struct schema_field least = {.type = SCHEMA_INT, .min = 1};
	static const struct schema_field most = {.type = SCHEMA_TEXT, .max = 2};
	const char *text = NULL;
	assert_int_equal(schema_read_scalar(&least, view_text("0"), &a, &problem, &bytes),
	                 ERR_INVALID);
	assert_string_equal(problem, "\"0\" is out of range, expected a whole number, at least 1");
	assert_int_equal(schema_read_scalar(&least, view_text("9"), &a, &problem, &bytes), OK);
	assert_int_equal(schema_read_scalar(&most, view_text("abc"), &a, &problem, &text),
	                 ERR_INVALID);
	assert_string_equal(problem, "\"abc\" is too long, expected text of at most 2 bytes");
	assert_int_equal(schema_read_scalar(&set, view_text("web, api"), &a, &problem, &bits), OK);
	assert_int_equal(bits, 5);
	arena_done(&a);
}

static void the_sample_reads_and_names_every_option(void **state)
{
	(void)state;
	struct fixture x;
	struct buffer out = {0};
	schema_sample(&all_types_schema, &out);
	char *text = buffer_take(&out);
	assert_non_null(strstr(text,
	                       "\n# How much it takes.\n# Expects keys with values.\n#limits:\n"
	                       "#  # Most rows.\n#  # Expects a whole number from 1 to 1000000; "
	                       "default 100.\n#  #rows: 100\n"));
	assert_reads(text, &x);
	done(&x);
	/* with every # before an option taken away it reads too */
	char *to = text;
	for (const char *from = text; *from; from++) {
		bool is_option = *from == '#' && from[1] != ' ' && from[1] != '\n';
		bool is_level = *from == '#' && from[1] == ' ' && from[2] == ' ';
		if (!is_option && !is_level)
			*to++ = *from;
	}
	*to = 0;
	assert_reads(text, &x);
	assert_int_equal(x.value.upstreams.count, 1);
	done(&x);
	free(text);
}

static void the_manual_lists_nested_options_by_their_path(void **state)
{
	(void)state;
	struct buffer out = {0};
	schema_manual(&all_types_schema, &out);
	char *text = buffer_take(&out);
	assert_non_null(strstr(text,
	                       ".It Ic upstreams[].weight Ar number\nHow much it gets.\nExpects a "
	                       "whole number from -10 to 10 (shares); default 1.\n"));
	assert_non_null(strstr(text, ".It Ic limits.timeout Ar duration\n"));
	assert_non_null(strstr(text, "\n\\&.local or any other name.\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_read),
		cmocka_unit_test(what_is_left_out_has_its_default_or_is_absent),
		cmocka_unit_test(every_struct_field_and_item_knows_its_place),
		cmocka_unit_test(each_kind_of_problem_says_what_and_where),
		cmocka_unit_test(what_is_no_yaml_is_told_with_its_place),
		cmocka_unit_test(all_problems_are_told_at_once),
		cmocka_unit_test(an_empty_file_lacks_what_is_required),
		cmocka_unit_test(a_byte_order_mark_is_passed_over),
		cmocka_unit_test(limits_end_in_a_message),
		cmocka_unit_test(too_many_nodes_end_in_a_message),
		cmocka_unit_test(a_failure_leaves_the_result_untouched),
		cmocka_unit_test(a_full_arena_is_no_memory),
		cmocka_unit_test(what_is_printed_reads_back_to_the_same),
		cmocka_unit_test(a_short_print_leaves_defaults_out_and_a_hidden_one_secrets),
		cmocka_unit_test(every_truncation_reads_or_says_a_problem),
		cmocka_unit_test(one_scalar_is_read_alone),
		cmocka_unit_test(the_sample_reads_and_names_every_option),
		cmocka_unit_test(the_manual_lists_nested_options_by_their_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
