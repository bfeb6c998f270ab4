#include "audit/line_ends.h"
#include "audit/line_scan.h"
#include "policy/name_index_builder.h"
#include "tests/test.h"

/* A policy that lists names alone. */
struct listed {
	struct policy policy;
	struct buffer block;
	struct line_filter *filter;
};

static void list(struct listed *l, const char *const *names, size_t count)
{
	struct name_index_builder b;
	*l = (struct listed){0};
	name_index_builder_init(&b, 7, 100000);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(name_index_builder_add_text(&b, view_text(names[i]), NAME_SUFFIX,
		                                             (uint32_t)i),
		                 OK);
	assert_int_equal(name_index_builder_finish(&b, &l->block), OK);
	assert_int_equal(name_index_open(buffer_view(&l->block), &l->policy.names), OK);
	name_index_builder_done(&b);
	assert_int_equal(line_filter_new(&l->policy, &l->filter), OK);
}

static void unlist(struct listed *l)
{
	line_filter_free(l->filter);
	buffer_done(&l->block);
}

enum { TEXT_MAX = 1 << 16, LINES_MAX = 2048 };

struct given {
	size_t at[LINES_MAX];
	uint64_t before[LINES_MAX];
	size_t count;
	uint64_t lines;
};

static void scan(const struct listed *l, unsigned marks, size_t way, struct view run,
                 struct given *ret)
{
	struct line_dialect dialect = {.marks = marks};
	struct line_scan *s;
	assert_int_equal(line_scan_new(l->filter, &dialect, &s), OK);
	line_scan_use(s, way);
	ret->count = 0;
	line_scan_begin(s, run);
	for (struct line_hit hit; line_scan_next(s, &hit); ret->count++) {
		assert_true(ret->count < LINES_MAX);
		ret->at[ret->count] = (size_t)(hit.line.bytes - run.bytes);
		ret->before[ret->count] = hit.before;
	}
	ret->lines = line_scan_count(s);
	line_scan_free(s);
}

static bool is_given(const struct listed *l, unsigned marks, const char *text)
{
	struct given given;
	uint8_t *copy = malloc(strlen(text));
	assert_non_null(copy);
	memcpy(copy, text, strlen(text));
	for (size_t way = 0, first = 0; line_ends_ways[way].name; way++) {
		if (!line_ends_ways[way].is_there())
			continue;
		scan(l, marks, way, view_of(copy, strlen(text)), &given);
		first = way ? first : given.count;
		assert_int_equal(given.count, first);
	}
	free(copy);
	return given.count > 0;
}

static void a_name_is_found_however_a_log_writes_it(void **state)
{
	(void)state;
	static const char *const names[] = {"seek.example", "chat.deep.test", "xn--fiq228c.test",
	                                    "co.uk.alpha.test", "verylonglabelofaname.example"};
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{"seek.example", true},
		{"1\tCHAT.Seek.Example.\t2\n", true},
		{"x http://seek.example:80/ y", true},
		{"\"http:\\/\\/seek.example\\/a\"", true},
		{"\"seek\\u002eexample\"", true},
		{"\"see\\u006b.example\"", true},
		{"\"seek.exampl\\u0065\"", true},
		{"http://seek%2eexample/", true},
		{"http://s%65ek.example/", true},
		{"http://seek.e%78ample/", true},
		{"?u=http%3A%2F%2Fseek.example%2Fa", true},
		{"(4)chat(4)seek(7)example(0)", false},
		{"www.\xe4\xb8\xad\xe6\x96\x87.test", true},
		{"www.\xe4\xb8\xad\xe6\x96\x87\xe3\x80\x82test", true},
		{"XN--FIQ228C.TEST", true},
		{"a@seek.example,", true},
		{"notseek.example", false},
		{"seek.example.org", false},
		{"seek-example", false},
		{"seek.examples", false},
		{"deep.test", false},
		{"a.chat.deep.test", true},
		{"b.co.uk.alpha.test", true},
		{"alpha.test", false},
		{"a.verylonglabelofaname.example", true},
		{"averylonglabelofaname.example", false},
		{"", false},
	};
	struct listed l;
	list(&l, names, sizeof(names) / sizeof(*names));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (is_given(&l, LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, rows[i].text) !=
		    rows[i].is)
			fail_msg("%s", rows[i].text);
	}
	assert_true(is_given(&l, LINE_ENDS_COUNTED, "A (4)chat(4)SEEK(7)example(0)\n"));
	assert_false(is_given(&l, LINE_ENDS_COUNTED, "A (7)notseek(7)example(0)\n"));
	unlist(&l);
}

static void names_of_one_label_and_of_digits_are_found(void **state)
{
	(void)state;
	static const char *const names[] = {"corp", "a.123"};
	struct listed l;
	list(&l, names, 2);
	assert_true(is_given(&l, 0, "x corp y\n"));
	assert_true(is_given(&l, 0, "x www.intra.corp y\n"));
	assert_true(is_given(&l, 0, "b.a.123\n"));
	assert_false(is_given(&l, 0, "corporate a.1234 corp-1\n"));
	unlist(&l);
}

static uint64_t random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static bool naive_is_host(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_' || c == '.';
}

/* Every place of the line, every name: nothing clever. */
static bool naive_has(struct view line, const char *const *names, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		size_t size = strlen(names[n]);
		for (size_t at = 0; at + size <= line.size; at++) {
			size_t end = at + size;
			if (!view_is_nocase(view_of(line.bytes + at, size), names[n]))
				continue;
			if (at > 0 && naive_is_host(line.bytes[at - 1]) &&
			    line.bytes[at - 1] != '.')
				continue;
			while (end < line.size && line.bytes[end] == '.')
				end++;
			if (end == line.size || !naive_is_host(line.bytes[end]))
				return true;
		}
	}
	return false;
}

static size_t make_text(uint64_t *seed, uint8_t *text, size_t size)
{
	static const char alphabet[] = "aabbcd.e. \t\n-_1,:/\"A.";
	for (size_t i = 0; i < size; i++)
		text[i] = (uint8_t)alphabet[random_next(seed) % (sizeof(alphabet) - 1)];
	return size;
}

/* Labels of few letters, so that much nearly matches. */
static void any_text_gives_what_a_naive_search_finds(void **state)
{
	(void)state;
	static const char *const names[] = {"a.b",   "ab.c", "b.a.c", "cd.e",  "aa.bb.cd",
	                                    "a-b.c", "bb.a", "e.e.e", "a_a.b", "abcd.ab"};
	static uint8_t text[TEXT_MAX];
	static struct given given;
	uint64_t seed = 5;
	struct listed l;
	list(&l, names, 10);
	for (int round = 0; round < 60; round++) {
		size_t size = make_text(&seed, text, 1 + random_next(&seed) % 20000);
		struct view run = view_of(text, size);
		for (size_t way = 0; line_ends_ways[way].name; way++) {
			if (!line_ends_ways[way].is_there())
				continue;
			scan(&l, LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, way, run, &given);
			struct view rest = run;
			size_t next = 0;
			uint64_t number = 0;
			for (; rest.size; number++) {
				struct view line = view_split(&rest, '\n');
				bool is = next < given.count &&
				          run.bytes + given.at[next] == line.bytes &&
				          given.before[next] == number;
				if (naive_has(line, names, 10) && !is)
					fail_msg("missed in round %d: " VIEW_FMT, round,
					         VIEW_ARG(line));
				next += is;
			}
			assert_int_equal(next, given.count);
			assert_int_equal(given.lines, number);
		}
	}
	unlist(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_found_however_a_log_writes_it),
		cmocka_unit_test(names_of_one_label_and_of_digits_are_found),
		cmocka_unit_test(any_text_gives_what_a_naive_search_finds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
