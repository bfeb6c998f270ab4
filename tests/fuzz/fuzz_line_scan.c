/* The first byte picks how a log marks escapes, whether addresses are looked for, and whether the rest, which is text,
 * stands there once or until there are several chunks of it. However names are looked for, and among however many, the same lines are given; but of a log that
 * marks no escapes, one that has them nevertheless may be given in vain by some ways and not by others. */
#include <stdio.h>

#include "audit/line_ends.h"
#include "audit/line_scan.h"
#include "tests/fuzz/check.h"
#include "tests/listed.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { LINES_MAX = 1 << 16, TEXT_MAX = 20000 };

struct given {
	size_t at[LINES_MAX], count;
	uint64_t lines;
};

static void scan(const struct listed *l, const struct line_dialect *dialect, size_t way,
                 struct view run, struct given *ret)
{
	struct line_scan *s;
	CHECK(line_scan_new(l->filter, dialect, &s) == OK);
	line_scan_use(s, way);
	ret->count = 0;
	line_scan_begin(s, run);
	for (struct line_hit hit; line_scan_next(s, &hit); ret->count++) {
		CHECK(ret->count < LINES_MAX);
		ret->at[ret->count] = (size_t)(hit.line.bytes - run.bytes);
		CHECK(ret->count == 0 || ret->at[ret->count] > ret->at[ret->count - 1]);
	}
	ret->lines = line_scan_count(s);
	line_scan_free(s);
}

static bool has_unmarked_escape(unsigned marks, struct view run)
{
	return !(marks & (LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH)) &&
	       (memchr(run.bytes, '%', run.size) || memchr(run.bytes, '\\', run.size));
}

static void list(struct listed *l, size_t others)
{
	static const char *const names[] = {"seek.example",     "ab.tw",
	                                    "chat.deep.test",   "x.co.uk",
	                                    "xn--fiq228c.test", "abcdefg.test"};
	static const char *const prefixes[] = {"9.9.9.9/32", "203.0.113.0/24", "2001:db8::/32"};
	listed_begin(l);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		listed_add(l, names[i]);
	for (size_t i = 0; i < others; i++) {
		char name[64];
		(void)snprintf(name, sizeof(name), "other%zu.no-text-has-this.invalid", i);
		listed_add(l, name);
	}
	listed_end(l);
	listed_add_addresses(l, prefixes, sizeof(prefixes) / sizeof(*prefixes));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const unsigned marks[] = {0, LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH, LINE_ENDS_HASH,
	                                 LINE_ENDS_COUNTED};
	static struct listed listed[3];
	static struct given first, given;
	if (size < 2)
		return 0;
	if (!listed[0].filter) {
		list(&listed[0], 0);
		list(&listed[1], 2000);
		list(&listed[2], NAME_STEMS_NAMES_MIN);
	}
	size_t times = bytes[0] & 4 ? 1 + TEXT_MAX / size : 1;
	uint8_t *copy = malloc((size - 1) * times);
	CHECK(copy);
	for (size_t i = 0; i < times; i++)
		memcpy(copy + i * (size - 1), bytes + 1, size - 1);
	struct view run = view_of(copy, (size - 1) * times);
	const struct line_dialect dialect = {.marks = marks[bytes[0] % 4],
	                                     .has_addresses = bytes[0] & 8};
	bool is_vague = has_unmarked_escape(dialect.marks, run);
	scan(&listed[0], &dialect, 0, run, &first);
	for (size_t i = 0; i < 3 && !memmem(copy, run.size, "no-text", 7); i++) {
		for (size_t way = 0; line_ends_ways[way].name; way++) {
			if (!line_ends_ways[way].is_there())
				continue;
			scan(&listed[i], &dialect, way, run, &given);
			CHECK(given.lines == first.lines);
			if (is_vague)
				continue;
			CHECK(given.count == first.count);
			CHECK(memcmp(given.at, first.at, first.count * sizeof(*first.at)) == 0);
		}
	}
	free(copy);
	return 0;
}
