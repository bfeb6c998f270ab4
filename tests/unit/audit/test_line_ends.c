#include <stdlib.h>
#include <string.h>

#include "audit/line_ends.h"
#include "tests/random.h"
#include "tests/test.h"

enum { ROUNDS = 120, WORDS_MAX = LINE_ENDS_WORDS };

/* In a calm text no escapes and no other bytes, in a mixed one a few in few places; in one of escapes no others; one of
 * addresses has little else. */
enum text { CALM, MIXED, ESCAPES, WILD, ADDRESSES, TEXTS };

/* Of what matters here there is much; of all other bytes, some. */
static void make_bytes(uint64_t *r, uint8_t *bytes, size_t size, enum text text)
{
	static const char alphabet[] = "abz.AZ019-_. \t\n:/%\\#()", digits[] = "019..: a";
	static const size_t sizes[TEXTS] = {15, 15, sizeof(alphabet) - 1, sizeof(alphabet) - 1,
	                                    sizeof(digits) - 1};
	static const unsigned others[TEXTS] = {[MIXED] = 5000, [WILD] = 50};
	for (size_t i = 0; i < size; i++) {
		size_t which = random_below(r, sizes[text]);
		bytes[i] = (uint8_t)(text == ADDRESSES ? digits : alphabet)[which];
		if (others[text] && random_below(r, others[text]) == 0)
			bytes[i] = (uint8_t)random_below(r, 256);
	}
}

static void assert_same_words(const uint64_t *a, const uint64_t *b, size_t count)
{
	assert_memory_equal(a, b, count * sizeof(*a));
}

static int compare_places(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* In any order. */
static void assert_same_places(const uint32_t *a, uint32_t count, const uint32_t *b, uint32_t other)
{
	static uint32_t places[LINE_ENDS_MAX];
	assert_int_equal(count, other);
	memcpy(places, b, count * sizeof(*places));
	qsort(places, count, sizeof(*places), compare_places);
	assert_memory_equal(a, places, count * sizeof(*a));
}

static bool has_strange(const struct line_ends *e, size_t w)
{
	return e->strange_words[(w - 1) / 64] >> ((w - 1) % 64) & 1;
}

static void assert_same(const struct line_ends *a, const struct line_ends *b, unsigned with)
{
	assert_int_equal(a->words, b->words);
	if (with & LINE_ENDS_SETS) {
		assert_same_words(a->host, b->host, a->words + 2);
		assert_same_words(a->dot, b->dot, a->words + 2);
	}
	assert_memory_equal(a->strange_words, b->strange_words, sizeof(a->strange_words));
	for (size_t w = 1; w <= a->words; w++)
		assert_true(a->strange[w] == b->strange[w] || !has_strange(a, w));
	assert_same_places(a->ends, a->end_count, b->ends, b->end_count);
	assert_same_places(a->strange_ends, a->strange_end_count, b->strange_ends,
	                   b->strange_end_count);
	assert_same_places(a->numbers, a->number_count, b->numbers, b->number_count);
	assert_same_places(a->groups, a->group_count, b->groups, b->group_count);
	assert_int_equal(a->feeds, b->feeds);
	assert_int_equal(a->any_strange != 0, b->any_strange != 0);
}

/* Three chunks of any length, the last in two parts as the end of a run is. */
static void read_all(line_ends_function *read, unsigned with, const uint8_t *bytes,
                     const size_t words[4], struct line_ends ret[4])
{
	static struct line_ends e;
	struct line_ends_table table;
	line_ends_table(with, &table);
	memset(&e, 0, sizeof(e));
	line_ends_begin(&e);
	for (unsigned i = 0; i < 4; i++) {
		read(&table, bytes, words[i], &e);
		bytes += words[i] * 64;
		ret[i] = e;
		if (i != 2)
			line_ends_next(&e);
	}
}

static void every_way_gives_the_same_bits(void **state)
{
	(void)state;
	static struct line_ends plain[4], other[4];
	static uint8_t bytes[4 * WORDS_MAX * 64];
	uint64_t r = 17;
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t words[4] = {random_below(&r, WORDS_MAX + 1), random_below(&r, 20),
		                   random_below(&r, WORDS_MAX), 1};
		unsigned with = (unsigned)random_below(&r, LINE_ENDS_SETS * 2);
		if (round % 5 == 0)
			with &= LINE_ENDS_SETS | LINE_ENDS_HASH;
		if (round % 2 == 0)
			words[0] -= words[0] % 8, words[1] -= words[1] % 8;
		make_bytes(&r, bytes, sizeof(bytes), round % TEXTS);
		read_all(line_ends_ways[0].read, with, bytes, words, plain);
		for (size_t way = 1; line_ends_ways[way].name; way++) {
			if (!line_ends_ways[way].is_there())
				continue;
			read_all(line_ends_ways[way].read, with, bytes, words, other);
			for (unsigned i = 0; i < 4; i++)
				assert_same(&plain[i], &other[i], with);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_gives_the_same_bits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
