/* The index answers as a plain list of entries does that is searched from begin to end. */
#include "policy/name_index.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "policy/name_index_builder.h"
#include "tests/random.h"
#include "tests/test.h"

enum { ENTRIES = 600, QUERIES = 3000, ROUNDS = 30, MATCHES = 64 };

struct entry {
	struct dname name;
	enum name_rule rule;
	uint32_t value;
};

static uint64_t random_state;

static uint32_t next_random(uint32_t below)
{
	return random_below(&random_state, below);
}

/* Labels that share letters with one another, of every size that the hash reads differently. */
static void random_name(struct dname *ret)
{
	static const char *const labels[] = {
		"deepseek",
		"notdeepseek",
		"com",
		"cn",
		"a",
		"b",
		"ab",
		"chat",
		"xn--fiqs8s",
		"*",
		"sixteen-and-more",
		"fifteen-letters",
		"fourteen-bytes",
		"seven77",
		"eight888",
		"sixty-three-bytes-are-the-most-that-a-label-may-have-0123456789",
		"thirty-two-bytes-of-label-012345"};
	*ret = (struct dname){0};
	unsigned wanted = next_random(20) == 0 ? next_random(128) : next_random(5);
	size_t at = 0;
	for (unsigned i = 0; i < wanted; i++) {
		const char *label = labels[next_random(wanted > 5 ? 7 : 17)];
		size_t size = strlen(label);
		if (at + size + 1 > DNAME_SIZE_MAX - 1)
			break;
		ret->bytes[at] = (uint8_t)size;
		memcpy(ret->bytes + at + 1, label, size);
		at += size + 1;
		ret->labels++;
	}
	ret->size = (uint8_t)(at + 1);
}

static bool covers(const struct entry *entry, const struct dname *name)
{
	bool is_same = dname_equal(name, &entry->name);
	return entry->rule == NAME_EXACT    ? is_same
	       : entry->rule == NAME_SUFFIX ? dname_is_under(name, &entry->name)
	                                    : !is_same && dname_is_under(name, &entry->name);
}

static int compare_matches(const void *left, const void *right)
{
	const struct name_match *a = left, *b = right;
	if (a->labels != b->labels)
		return b->labels - a->labels;
	if (a->rule != b->rule)
		return a->rule - b->rule;
	return (a->value > b->value) - (a->value < b->value);
}

static size_t find_plainly(const struct entry *entries, size_t count, const struct dname *name,
                           struct name_match *ret)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		if (!covers(&entries[i], name))
			continue;
		struct name_match match = {entries[i].value, entries[i].name.labels,
		                           (uint8_t)entries[i].rule};
		size_t j = 0;
		while (j < found && compare_matches(&ret[j], &match) != 0)
			j++;
		assert_true(j < ENTRIES);
		ret[j] = match;
		found += j == found;
	}
	qsort(ret, found, sizeof(*ret), compare_matches);
	return found;
}

static void random_entries(struct entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		random_name(&entries[i].name);
		entries[i].rule = next_random(3);
		entries[i].value = next_random(4) ? next_random(3) : UINT32_MAX - next_random(3);
	}
}

static void build(const struct entry *entries, size_t count, bool backwards, struct buffer *ret)
{
	struct name_index_builder b;
	name_index_builder_init(&b, 7, SIZE_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct entry *e = &entries[backwards ? count - 1 - i : i];
		assert_int_equal(name_index_builder_add(&b, &e->name, e->rule, e->value), OK);
		if (backwards && i % 3 == 0)
			assert_int_equal(name_index_builder_add(&b, &e->name, e->rule, e->value),
			                 OK);
	}
	assert_int_equal(name_index_builder_finish(&b, ret), OK);
	name_index_builder_done(&b);
}

static void answers_as_a_list_searched_from_begin_to_end(void **state)
{
	(void)state;
	size_t matched = 0, missed = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		random_state = round;
		cleanup(free) struct entry *entries = calloc(ENTRIES, sizeof(*entries));
		cleanup(free) struct name_match *expected = calloc(ENTRIES, sizeof(*expected));
		cleanup(free) struct name_match *found = calloc(ENTRIES, sizeof(*found));
		size_t count = round == 0 ? 0 : next_random(ENTRIES);
		random_entries(entries, count);
		struct buffer block = {0};
		build(entries, count, false, &block);
		struct name_index index;
		assert_int_equal(name_index_open(buffer_view(&block), &index), OK);
		for (unsigned i = 0; i < QUERIES; i++) {
			struct dname name;
			random_name(&name);
			size_t n = find_plainly(entries, count, &name, expected);
			assert_int_equal(name_index_find(&index, &name, found, ENTRIES), n);
			assert_memory_equal(found, expected, n * sizeof(*found));
			size_t max = next_random(4);
			assert_int_equal(name_index_find(&index, &name, found, max),
			                 n < max ? n : max);
			assert_memory_equal(found, expected, (n < max ? n : max) * sizeof(*found));
			*(n ? &matched : &missed) += 1;
		}
		buffer_done(&block);
	}
	assert_true(matched > 1000 && missed > 1000);
}

static void bytes_depend_on_the_set_only(void **state)
{
	(void)state;
	random_state = 99;
	cleanup(free) struct entry *entries = calloc(ENTRIES, sizeof(*entries));
	random_entries(entries, ENTRIES);
	struct buffer a = {0}, b = {0};
	build(entries, ENTRIES, false, &a);
	build(entries, ENTRIES, true, &b);
	assert_true(view_equal(buffer_view(&a), buffer_view(&b)));
	buffer_done(&a);
	buffer_done(&b);
}

static void a_cut_block_is_not_opened(void **state)
{
	(void)state;
	random_state = 5;
	struct entry entries[20];
	random_entries(entries, 20);
	struct buffer block = {0};
	build(entries, 20, false, &block);
	struct name_index index;
	for (size_t size = 0; size < block.size; size++)
		assert_int_equal(name_index_open(view_of(block.bytes, size), &index),
		                 ERR_TRUNCATED);
	buffer_add(&block, "", 1);
	assert_int_equal(name_index_open(buffer_view(&block), &index), ERR_MALFORMED);
	buffer_done(&block);
}

/* The sanitizer watches: each block is its own allocation, so a read past its end is seen. */
static void an_altered_block_is_never_read_outside(void **state)
{
	(void)state;
	random_state = 6;
	struct entry entries[60];
	random_entries(entries, 60);
	struct buffer block = {0};
	build(entries, 60, false, &block);
	size_t opened = 0;
	for (unsigned i = 0; i < 4000; i++) {
		cleanup(free) uint8_t *bytes = malloc(block.size);
		memcpy(bytes, block.bytes, block.size);
		for (unsigned flips = 1 + next_random(8); flips; flips--)
			bytes[40 + next_random((uint32_t)block.size - 40)] =
				(uint8_t)next_random(256);
		struct name_index index;
		if (name_index_open(view_of(bytes, block.size), &index) < 0)
			continue;
		opened++;
		for (unsigned j = 0; j < 60; j++) {
			struct name_match found[MATCHES];
			assert_true(name_index_find(&index, &entries[j].name, found, MATCHES) <=
			            MATCHES);
		}
	}
	assert_true(opened > 1000);
	buffer_done(&block);
}

static void finds_at_label_boundaries_in_any_spelling(void **state)
{
	(void)state;
	struct name_index_builder b;
	name_index_builder_init(&b, 1, 100);
	assert_int_equal(
		name_index_builder_add_text(&b, view_text("DeepSeek.com."), NAME_SUFFIX, 1), OK);
	assert_int_equal(name_index_builder_add_text(&b, view_text("例子.cn"), NAME_BELOW, 2), OK);
	assert_int_equal(name_index_builder_add_text(&b, view_text("a..b"), NAME_BELOW, 2),
	                 ERR_MALFORMED);
	struct buffer block = {0};
	assert_int_equal(name_index_builder_finish(&b, &block), OK);
	struct name_index index;
	assert_int_equal(name_index_open(buffer_view(&block), &index), OK);
	static const struct {
		const char *name;
		uint32_t value; /* 0: no match */
	} cases[] = {{"deepseek.com", 1},
	             {"CHAT.deepseek.COM.", 1},
	             {"notdeepseek.com", 0},
	             {"deepseek.com.cn", 0},
	             {"com", 0},
	             {".", 0},
	             {"xn--fsqu00a.cn", 0},
	             {"a.xn--fsqu00a.cn", 2},
	             {"a.例子.cn", 2},
	             {"deepseek", 0},
	             {"a.deepseek\\.com", 0}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dname name;
		struct name_match match = {0};
		assert_int_equal(dname_parse_text(view_text(cases[i].name), &name), OK);
		assert_int_equal(name_index_find(&index, &name, &match, 1), cases[i].value != 0);
		assert_int_equal(match.value, cases[i].value);
	}
	buffer_done(&block);
	name_index_builder_done(&b);
}

static void keeps_to_its_limit(void **state)
{
	(void)state;
	struct name_index_builder b;
	name_index_builder_init(&b, 1, 1);
	assert_int_equal(name_index_builder_add_text(&b, view_text("a"), NAME_EXACT, 1), OK);
	assert_int_equal(name_index_builder_add_text(&b, view_text("b"), NAME_EXACT, 1), ERR_LIMIT);
	name_index_builder_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_a_list_searched_from_begin_to_end),
		cmocka_unit_test(bytes_depend_on_the_set_only),
		cmocka_unit_test(a_cut_block_is_not_opened),
		cmocka_unit_test(an_altered_block_is_never_read_outside),
		cmocka_unit_test(finds_at_label_boundaries_in_any_spelling),
		cmocka_unit_test(keeps_to_its_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
