#include <ctype.h>
#include <stdio.h>

#include "audit/line_ends.h"
#include "audit/line_scan.h"
#include "tests/listed.h"
#include "tests/test.h"

static void list(struct listed *l, const char *const *names, size_t count)
{
	listed_begin(l);
	for (size_t i = 0; i < count; i++)
		listed_add(l, names[i]);
	listed_end(l);
}

enum { TEXT_MAX = 1 << 16, LINES_MAX = 4096 };

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
	listed_done(&l);
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
	listed_done(&l);
}

/* Short names are known by less than eight bytes, or with what stands before them. */
static void short_names_are_found_wherever_they_begin(void **state)
{
	(void)state;
	static const char *const names[] = {"z.ai",    "t.co.x",  "dot.sb",  "qq.com",
	                                    "we.chat", "abc.com", "temu.com"};
	static const char *const before[] = {"",     " ", "\t", "\"", "\n", "a.",
	                                     "a.b.", "=", "/",  ",",  "(",  "@"};
	static const char *const after[] = {"", " ", ".", "\n", "\t", "\"", ":", "/", ". "};
	struct listed l;
	char text[64];
	list(&l, names, 7);
	for (size_t n = 0; n < 7; n++) {
		for (size_t b = 0; b < sizeof(before) / sizeof(*before); b++) {
			for (size_t a = 0; a < sizeof(after) / sizeof(*after); a++) {
				(void)sprintf(text, "%s%s%s", before[b], names[n], after[a]);
				if (!is_given(&l, 0, text))
					fail_msg("missed: %s", text);
				(void)sprintf(text, "%sx%s%s", before[b], names[n], after[a]);
				if (is_given(&l, 0, text))
					fail_msg("given: %s", text);
			}
		}
	}
	listed_done(&l);
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

/* Sets whose names have many lengths, one, or two: each is asked for in its own way. */
static const char *const name_sets[][11] = {
	{"a.b", "ab.c", "b.a.c", "cd.e", "aa.bb.cd", "a-b.c", "bb.a", "e.e.e", "a_a.b", "abcd.ab"},
	{"abab.cd.ee", "aabbc.de", "dcba-e.aa.bb", "e.d.c.bb.aa"},
	{"abab.cd.ee", "a.bb", "dcba-e.aa.bb", "e.cc", "d-d.ab"},
};

enum { NAMED_IN = 12, DOTTED_IN = 3 };

/* Nonsense, with names in it; in some texts many of them end with dots. */
static size_t make_text(uint64_t *seed, const char *const *names, size_t count, uint8_t *text,
                        size_t size)
{
	static const char alphabet[] = "aabbcd.e. \t\n-_1,:/\"A.";
	bool is_dotted = random_next(seed) % 2;
	for (size_t i = 0; i < size; i++) {
		const char *name = names[random_next(seed) % count];
		size_t length = strlen(name);
		if (random_next(seed) % NAMED_IN == 0 && i + length + 2 < size) {
			memcpy(text + i, name, length);
			i += length;
			if (is_dotted && random_next(seed) % DOTTED_IN)
				text[i++] = '.';
		}
		text[i] = (uint8_t)alphabet[random_next(seed) % (sizeof(alphabet) - 1)];
	}
	return size;
}

static void assert_given(const struct given *given, struct view run, const char *const *names,
                         size_t count)
{
	struct view rest = run;
	size_t next = 0;
	uint64_t number = 0;
	for (; rest.size; number++) {
		struct view line = view_split(&rest, '\n');
		bool is = next < given->count && run.bytes + given->at[next] == line.bytes &&
		          given->before[next] == number;
		if (naive_has(line, names, count) && !is)
			fail_msg("missed: " VIEW_FMT, VIEW_ARG(line));
		next += is;
	}
	assert_int_equal(next, given->count);
	assert_int_equal(given->lines, number);
}

/* Labels of few letters, so that much nearly matches. */
static void any_text_gives_what_a_naive_search_finds(void **state)
{
	(void)state;
	static uint8_t text[TEXT_MAX];
	static struct given given;
	static const unsigned marks[] = {LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, 0};
	uint64_t seed = 5;
	for (int round = 0; round < 120; round++) {
		const char *const *names = name_sets[round % 3];
		size_t count = 0;
		while (names[count])
			count++;
		struct listed l;
		list(&l, names, count);
		size_t size = make_text(&seed, names, count, text, 1 + random_next(&seed) % 20000);
		struct view run = view_of(text, size);
		for (size_t way = 0; line_ends_ways[way].name; way++) {
			if (!line_ends_ways[way].is_there())
				continue;
			scan(&l, marks[round / 3 % 2], way, run, &given);
			assert_given(&given, run, names, count);
		}
		listed_done(&l);
	}
}

enum { MANY = 20000, NAME_ROOM = 40 };

/* Two or three short labels, so that there are many at one end, and under ends as short as co.uk. */
static void make_name(uint64_t *seed, char *ret)
{
	static const char *const tops[] = {"com", "test", "tw", "example", "co.uk", "com.tw"};
	static const char letters[] = "abcdefghij0-_";
	size_t at = 0;
	for (uint64_t labels = 1 + random_next(seed) % 2; labels > 0; labels--) {
		for (uint64_t size = 1 + random_next(seed) % 7; size > 0; size--)
			ret[at++] = letters[random_next(seed) % (sizeof(letters) - 1)];
		ret[at++] = '.';
	}
	strcpy(ret + at, tops[random_next(seed) % 6]);
}

static bool is_under_listed(const struct listed *l, struct view name)
{
	struct dname parsed;
	struct name_match match;
	while (name.size && name.bytes[name.size - 1] == '.')
		name.size--;
	return dname_parse_text(name, &parsed) == OK &&
	       name_index_find(&l->policy.names, &parsed, &match, 1) > 0;
}

/* Each run of what host names are made of is looked up. */
static bool plain_has(const struct listed *l, struct view line)
{
	for (size_t at = 0; at < line.size; at++) {
		size_t end = at;
		while (end < line.size && naive_is_host(line.bytes[end]))
			end++;
		struct view name = view_of(line.bytes + at, end - at);
		if (name.size && memchr(name.bytes, '.', name.size) && is_under_listed(l, name))
			return true;
		at = end;
	}
	return false;
}

/* A line of fields, of which some are names that are listed, below one, or only look so. */
static size_t make_line(uint64_t *seed, char (*names)[NAME_ROOM], uint8_t *ret)
{
	static const char *const before[] = {"", "a.", "www.x.", "x", "-", "http://", "1.2.3.4,"};
	static const char *const after[] = {"", ".", "a", ".org", ":443", "/x.y", "\",", "-"};
	char other[NAME_ROOM], *out = (char *)ret;
	for (uint64_t fields = random_next(seed) % 8; fields > 0; fields--) {
		make_name(seed, other);
		bool is_listed = random_next(seed) % 16 == 0;
		char *begin = out;
		out += sprintf(out, "%s%s%s ", before[random_next(seed) % 7],
		               is_listed ? names[random_next(seed) % MANY] : other,
		               after[random_next(seed) % 8]);
		for (; random_next(seed) % 2 && begin < out; begin++)
			*begin = (char)toupper(*begin);
	}
	*out++ = '\n';
	return (size_t)(out - (char *)ret);
}

/* A filter of very many names is another than that of few. */
static void among_many_names_a_line_is_given_when_one_of_its_names_is_listed(void **state)
{
	(void)state;
	static char names[MANY][NAME_ROOM];
	static const char *texts[MANY];
	static uint8_t text[TEXT_MAX];
	static struct given given;
	uint64_t seed = 11;
	struct listed l;
	for (size_t i = 0; i < MANY; i++) {
		make_name(&seed, names[i]);
		texts[i] = names[i];
	}
	static const size_t counts[] = {40, 3000, MANY};
	for (int round = 0; round < 60; round++) {
		size_t count = counts[round % 3];
		size_t size = 0;
		while (size < TEXT_MAX - 1024)
			size += make_line(&seed, names, text + size);
		list(&l, texts, count);
		assert_int_equal(line_filter_is_large(l.filter), count == MANY);
		for (size_t way = 0; line_ends_ways[way].name; way++) {
			if (!line_ends_ways[way].is_there())
				continue;
			scan(&l, 0, way, view_of(text, size), &given);
			struct view rest = view_of(text, size);
			size_t next = 0;
			while (rest.size) {
				struct view line = view_split(&rest, '\n');
				bool is = next < given.count && text + given.at[next] == line.bytes;
				if (plain_has(&l, line) != is)
					fail_msg("%s: " VIEW_FMT, line_ends_ways[way].name,
					         VIEW_ARG(line));
				next += is;
			}
			assert_int_equal(next, given.count);
		}
		listed_done(&l);
	}
}

/* As name servers write them; the text is shifted, so that each of its bytes is once the last of a chunk. */
static void among_many_names_those_with_a_dot_behind_are_found(void **state)
{
	(void)state;
	enum { LINE_SIZE = 61, LINES = 700 };
	static uint8_t text[64 + LINE_SIZE * LINES];
	static struct given given;
	char name[NAME_ROOM];
	uint64_t seed = 3;
	struct listed l;
	listed_begin(&l);
	listed_add(&l, "seek.example");
	listed_add(&l, "ab.tw");
	for (size_t i = 0; i < MANY; i++) {
		make_name(&seed, name);
		listed_add(&l, name);
	}
	listed_end(&l);
	assert_true(line_filter_is_large(l.filter));
	static const char *const lines[] = {
		"IN: no-name-that.is-listed.invalid. A other-name.invalid. AA\n",
		"IN: no-name.invalid. AAAA x.y.z.AB.tw. A other-name.invalid.\n",
		"IN: no-name-that.is-listed.invalid. A chat.seek.example. AAA\n",
	};
	for (size_t shift = 0; shift < 64; shift++) {
		memset(text, ' ', shift);
		for (size_t i = 0; i < LINES; i++)
			memcpy(text + shift + i * LINE_SIZE, lines[i % 3], LINE_SIZE);
		struct view run = view_of(text, shift + LINE_SIZE * LINES);
		for (size_t way = 0; line_ends_ways[way].name; way++) {
			if (!line_ends_ways[way].is_there())
				continue;
			scan(&l, 0, way, run, &given);
			assert_int_equal(given.lines, LINES);
			assert_int_equal(given.count, LINES - (LINES + 2) / 3);
		}
	}
	listed_done(&l);
}

/* One line in LINE_IN, over some chunks; of so few it is not thought that dots stand behind names. */
static bool is_always_given(const struct listed *l, const char *line)
{
	enum { LINE_IN = 16, TIMES = 64 };
	static const char other[] = "0 a.name-that-is.not-listed -\n";
	static uint8_t text[TEXT_MAX];
	static struct given given;
	uint8_t *out = text;
	bool is_given = true;
	for (size_t i = 0; i < (size_t)TIMES * LINE_IN; i++) {
		const char *next = i % LINE_IN ? other : line;
		memcpy(out, next, strlen(next));
		out += strlen(next);
	}
	for (size_t way = 0; line_ends_ways[way].name; way++) {
		if (!line_ends_ways[way].is_there())
			continue;
		scan(l, 0, way, view_of(text, (size_t)(out - text)), &given);
		is_given &= given.count == TIMES;
	}
	return is_given;
}

/* A few of each size among thousands that are long: these are first asked for by their last eight bytes alone. */
static void among_thousands_of_names_those_of_any_size_are_found(void **state)
{
	(void)state;
	enum { OTHERS = 2000 };
	static const char *const names[] = {"b.c",         "z.ai",         "ab.tw",
	                                    "qq.com",      "abc.com",      "x.co.uk",
	                                    "seek.com",    "x-1.co.uk",    "chat.local",
	                                    "seek.online", "seek.example", "chat.example"};
	static const char *const before[] = {"", "\t", "www.", "\"", "//"};
	char text[NAME_ROOM + 64];
	struct listed l;
	listed_begin(&l);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		listed_add(&l, names[i]);
	for (size_t i = 0; i < OTHERS; i++) {
		(void)sprintf(text, "other%zu.no-text-has-this.invalid", i);
		listed_add(&l, text);
	}
	listed_end(&l);
	assert_true(l.filter->tails.has_long && !line_filter_is_large(l.filter));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		for (size_t b = 0; b < sizeof(before) / sizeof(*before); b++) {
			(void)sprintf(text, "0 %s%s -\n", before[b], names[i]);
			if (!is_always_given(&l, text))
				fail_msg("missed: %s", text);
		}
	}
	listed_done(&l);
}

static void list_addresses(struct listed *l, const char *const *prefixes, size_t count)
{
	list(l, NULL, 0);
	listed_add_addresses(l, prefixes, count);
}

static bool has_address(const struct listed *l, const char *text)
{
	struct line_dialect dialect = {.has_addresses = true};
	unsigned given = 0, ways = 0;
	for (size_t way = 0; line_ends_ways[way].name; way++) {
		struct line_scan *s;
		struct line_hit hit;
		if (!line_ends_ways[way].is_there())
			continue;
		assert_int_equal(line_scan_new(l->filter, &dialect, &s), OK);
		line_scan_use(s, way);
		line_scan_begin(s, view_text(text));
		given += line_scan_next(s, &hit);
		ways++;
		line_scan_free(s);
	}
	assert_true(given == 0 || given == ways);
	return given;
}

/* Few addresses are known by their last bytes, networks of many by their number; so are groups that begin with 0. */
static void addresses_are_found_however_they_are_listed(void **state)
{
	(void)state;
	static const char *const few[] = {"9.9.9.9/32", "203.0.113.77/32", "198.51.100.0/24",
	                                  "2001:db8::/32"};
	static const char *const wide[] = {"9.9.9.9/32", "203.0.113.77/32", "198.51.0.0/16",
	                                   "2001:db8::/32", "64:ff9b::/96"};
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{"9.9.9.9", true},
		{"a=9.9.9.9:53 b", true},
		{"x9.9.9.9", true},
		{"1.9.9.9.9.", true},
		{"19.9.9.9", false},
		{"9.9.9.90", false},
		{"203.0.113.77,", true},
		{"\"203.0.113.77\"", true},
		{"203.0.113.78", false},
		{"198.51.100.0 198.51.101.1", true},
		{"198.51.100.255\n", true},
		{"198.52.100.255\n", false},
		{"2001:db8::1", true},
		{"[2001:DB8:0:0:1::]:443", true},
		{"2001:db9::1 10:20:30", false},
		{"1768471200.5 300.0,60.0 10.0.0.1", false},
	};
	struct listed l;
	for (int is_wide = 0; is_wide < 2; is_wide++) {
		list_addresses(&l, is_wide ? wide : few, is_wide ? 5 : 4);
		assert_int_equal(l.filter->is_wide_address4, is_wide);
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			if (has_address(&l, rows[i].text) != rows[i].is)
				fail_msg("%d: %s", is_wide, rows[i].text);
		}
		assert_int_equal(has_address(&l, "64:ff9b::1.2.3.4"), is_wide);
		listed_done(&l);
	}
}

/* Sizes, words of 64 bytes and chunks: what is carried from one to the next is enough. */
static void addresses_are_found_wherever_they_stand(void **state)
{
	(void)state;
	static const char *const prefixes[] = {"9.9.9.9/32", "203.120.113.254/32", "10.20.3.4/32"};
	static const char *const texts[] = {"9.9.9.9", "203.120.113.254", "10.20.3.4."};
	static char line[2 * LINE_ENDS_BYTES];
	struct listed l;
	list_addresses(&l, prefixes, 3);
	for (size_t at = 1; at < LINE_ENDS_BYTES + 200; at++) {
		if (at == 600)
			at = LINE_ENDS_BYTES / 2 - 200;
		if (at == LINE_ENDS_BYTES / 2 + 200)
			at = LINE_ENDS_BYTES - 200;
		const char *text = texts[at % 3];
		memset(line, at % 2 ? ' ' : '.', sizeof(line));
		line[at - 1] = '=';
		memcpy(line + at, text, strlen(text));
		line[at + strlen(text)] = '"';
		line[sizeof(line) - 1] = 0;
		if (!has_address(&l, line))
			fail_msg("missed: %s at %zu", text, at);
		line[at] = 'x';
		assert_false(has_address(&l, line));
	}
	listed_done(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(among_many_names_a_line_is_given_when_one_of_its_names_is_listed),
		cmocka_unit_test(among_many_names_those_with_a_dot_behind_are_found),
		cmocka_unit_test(among_thousands_of_names_those_of_any_size_are_found),
		cmocka_unit_test(a_name_is_found_however_a_log_writes_it),
		cmocka_unit_test(names_of_one_label_and_of_digits_are_found),
		cmocka_unit_test(short_names_are_found_wherever_they_begin),
		cmocka_unit_test(addresses_are_found_however_they_are_listed),
		cmocka_unit_test(addresses_are_found_wherever_they_stand),
		cmocka_unit_test(any_text_gives_what_a_naive_search_finds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
