/* The index answers as a plain list of prefixes does that is searched from begin to end. */
#include "policy/address_index.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "tests/random.h"
#include "tests/test.h"

enum { PREFIXES = 300, QUERIES = 2000, ROUNDS = 40 };

struct prefix {
	uint8_t bytes[16];
	uint8_t size, bits;
	uint32_t value;
};

static uint64_t random_state;

static uint32_t next_random(uint32_t below)
{
	return random_below(&random_state, below);
}

/* Few different bytes, so that prefixes nest and meet. */
static void random_prefix(struct prefix *ret)
{
	static const uint8_t bytes[] = {0, 1, 0x80, 0xff};
	*ret = (struct prefix){.size = next_random(2) ? 4 : 16, .value = next_random(3)};
	for (unsigned i = 0; i < ret->size; i++)
		ret->bytes[i] = bytes[next_random(4)];
	ret->bits = (uint8_t)next_random(ret->size * 8u + 1);
}

static bool holds(const struct prefix *prefix, const struct prefix *address)
{
	if (prefix->size != address->size)
		return false;
	for (unsigned i = 0; i < prefix->bits; i++) {
		if ((prefix->bytes[i / 8] ^ address->bytes[i / 8]) >> (7 - i % 8) & 1)
			return false;
	}
	return true;
}

static int compare_matches(const void *left, const void *right)
{
	const struct address_match *a = left, *b = right;
	if (a->bits != b->bits)
		return b->bits - a->bits;
	return (a->value > b->value) - (a->value < b->value);
}

static size_t find_plainly(const struct prefix *prefixes, size_t count,
                           const struct prefix *address, struct address_match *ret)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		if (!holds(&prefixes[i], address))
			continue;
		struct address_match match = {prefixes[i].value, prefixes[i].bits};
		size_t j = 0;
		while (j < found && compare_matches(&ret[j], &match) != 0)
			j++;
		ret[j] = match;
		found += j == found;
	}
	qsort(ret, found, sizeof(*ret), compare_matches);
	return found;
}

static void build(const struct prefix *prefixes, size_t count, bool backwards, struct buffer *ret)
{
	struct address_index_builder b;
	address_index_builder_init(&b, 2 * PREFIXES);
	for (size_t i = 0; i < count; i++) {
		const struct prefix *p = &prefixes[backwards ? count - 1 - i : i];
		for (unsigned times = 0; times <= backwards; times++)
			assert_int_equal(
				address_index_builder_add(&b, p->bytes, p->size, p->bits, p->value),
				OK);
	}
	assert_int_equal(address_index_builder_finish(&b, ret), OK);
	address_index_builder_done(&b);
}

static void assert_same(const struct address_match *a, const struct address_match *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(compare_matches(&a[i], &b[i]), 0);
}

static void answers_as_a_list_searched_from_begin_to_end(void **state)
{
	(void)state;
	size_t matched = 0, missed = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		random_state = round;
		struct prefix prefixes[PREFIXES];
		struct address_match expected[PREFIXES], found[PREFIXES];
		size_t count = next_random(round < 10 ? 4 : PREFIXES);
		for (size_t i = 0; i < count; i++)
			random_prefix(&prefixes[i]);
		struct buffer block = {0}, again = {0};
		build(prefixes, count, false, &block);
		build(prefixes, count, true, &again);
		assert_true(view_equal(buffer_view(&block), buffer_view(&again)));
		struct address_index index;
		assert_int_equal(address_index_open(buffer_view(&block), &index), OK);
		for (unsigned i = 0; i < QUERIES; i++) {
			struct prefix at;
			random_prefix(&at);
			size_t n = find_plainly(prefixes, count, &at, expected);
			assert_int_equal(
				address_index_find(&index, at.bytes, at.size, found, PREFIXES), n);
			assert_same(found, expected, n);
			size_t max = next_random(3);
			assert_int_equal(address_index_find(&index, at.bytes, at.size, found, max),
			                 n < max ? n : max);
			*(n ? &matched : &missed) += 1;
		}
		buffer_done(&block);
		buffer_done(&again);
	}
	assert_true(matched > 1000 && missed > 1000);
}

static void mapped_addresses_are_ipv4(void **state)
{
	(void)state;
	static const uint8_t mapped[16] = {
		[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1};
	struct address_index_builder b;
	address_index_builder_init(&b, 10);
	assert_int_equal(address_index_builder_add(&b, mapped, 16, 120, 1), OK);
	assert_int_equal(address_index_builder_add(&b, mapped + 12, 4, 8, 2), OK);
	assert_int_equal(address_index_builder_add(&b, mapped, 16, 0, 3), OK);
	assert_int_equal(address_index_builder_add(&b, mapped, 16, 129, 3), ERR_INVALID);
	assert_int_equal(address_index_builder_add(&b, mapped, 5, 8, 3), ERR_INVALID);
	struct buffer block = {0};
	assert_int_equal(address_index_builder_finish(&b, &block), OK);
	struct address_index index;
	assert_int_equal(address_index_open(buffer_view(&block), &index), OK);
	for (unsigned i = 0; i < 2; i++) {
		struct address_match found[4];
		assert_int_equal(address_index_find(&index, mapped + 12 * i, i ? 4 : 16, found, 4),
		                 2);
		assert_int_equal(found[0].value, 1);
		assert_int_equal(found[0].bits, 24);
		assert_int_equal(found[1].value, 2);
	}
	buffer_done(&block);
	address_index_builder_done(&b);
}

/* The sanitizer watches: each block is its own allocation, so a read past its end is seen. */
static void a_cut_or_altered_block_is_never_read_outside(void **state)
{
	(void)state;
	random_state = 3;
	struct prefix prefixes[40];
	for (size_t i = 0; i < 40; i++)
		random_prefix(&prefixes[i]);
	struct buffer block = {0};
	build(prefixes, 40, false, &block);
	struct address_index index;
	for (size_t size = 0; size < block.size; size++)
		assert_int_equal(address_index_open(view_of(block.bytes, size), &index),
		                 ERR_TRUNCATED);
	for (unsigned i = 0; i < 3000; i++) {
		cleanup(free) uint8_t *bytes = malloc(block.size);
		memcpy(bytes, block.bytes, block.size);
		for (unsigned flips = 1 + next_random(8); flips; flips--)
			bytes[64 + next_random((uint32_t)block.size - 64)] =
				(uint8_t)next_random(256);
		assert_int_equal(address_index_open(view_of(bytes, block.size), &index), OK);
		for (unsigned j = 0; j < 40; j++) {
			struct address_match found[8];
			assert_true(address_index_find(&index, prefixes[j].bytes, prefixes[j].size,
			                               found, 8) <= 8);
		}
	}
	buffer_done(&block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_a_list_searched_from_begin_to_end),
		cmocka_unit_test(mapped_addresses_are_ipv4),
		cmocka_unit_test(a_cut_or_altered_block_is_never_read_outside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
