/* The cache against a naive reference: what it returns is the last value added under that key, of the right
 * age and not expired; and what was added last is always there. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "gate/dns/cache.h"
#include "tests/test.h"

enum { KEYS = 3000, STEPS = 300000, VALUE_MAX = 3000, RING = 256 * 1024, STALE_S = 40 };

struct reference {
	struct dname name;
	uint16_t type;
	bool is_set;
	uint32_t added_s, ttl_s;
	uint32_t stamp; /* what the value is made of */
	size_t size;
};

static uint32_t random_state = 12345;

static uint32_t random_below(uint32_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % bound;
}

static void fill(uint8_t *value, uint32_t stamp, size_t size)
{
	for (size_t i = 0; i < size; i++)
		value[i] = (uint8_t)(stamp * 31 + i * 7);
}

static struct reference references[KEYS];

static void make_keys(void)
{
	char text[128];
	for (int i = 0; i < KEYS; i++) {
		(void)snprintf(text, sizeof(text), "%.*s%d.example", i % 50,
		               "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", i / 2);
		assert_int_equal(dname_parse_text(view_text(text), &references[i].name), OK);
		references[i].type = i % 2 ? 28 : 1;
	}
}

/* Small keys are asked often, so that there is something to carry along. */
static struct reference *choose(void)
{
	return &references[random_below(2) ? random_below(KEYS) : random_below(50)];
}

static bool check(struct cache *c, const struct reference *r, uint32_t now_s)
{
	static uint8_t expected[VALUE_MAX];
	struct cache_found found;
	const void *value = cache_find(c, &(struct cache_key){&r->name, r->type}, now_s, &found);
	if (!value)
		return false;
	uint32_t over_s = r->added_s + r->ttl_s;
	assert_true(r->is_set && now_s < over_s + STALE_S);
	assert_int_equal(found.age_s, now_s - r->added_s);
	assert_int_equal(found.left_s, now_s < over_s ? over_s - now_s : 0);
	fill(expected, r->stamp, r->size);
	assert_memory_equal(value, expected, r->size);
	return true;
}

static void add(struct cache *c, struct reference *r, uint32_t stamp, uint32_t now_s)
{
	static uint8_t value[VALUE_MAX];
	r->is_set = true;
	r->stamp = stamp;
	r->added_s = now_s;
	r->ttl_s = random_below(20) ? 1 + random_below(100) : 0;
	r->size = random_below(10) ? random_below(300) : random_below(VALUE_MAX);
	fill(value, stamp, r->size);
	struct cache_key key = {&r->name, r->type};
	assert_int_equal(cache_add(c, &key, value, r->size, r->ttl_s, now_s), OK);
	assert_int_equal(check(c, r, now_s), r->ttl_s > 0);
}

static enum cache_step count_entry(void *context, const struct cache_entry *e)
{
	(void)e;
	++*(size_t *)context;
	return CACHE_NEXT;
}

static void the_cache_agrees_with_a_naive_one(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = NULL;
	assert_int_equal(cache_new(RING, STALE_S, 99, &c), OK);
	make_keys();
	unsigned hits = 0, asked = 0;
	uint32_t now_s = 1;
	for (uint32_t step = 0; step < STEPS; step++) {
		struct reference *r = choose();
		now_s += random_below(200) == 0;
		if (random_below(100000) == 0) {
			cache_clear(c);
			for (int i = 0; i < KEYS; i++)
				references[i].is_set = false;
		}
		asked++;
		if (check(c, r, now_s))
			hits++;
		else
			add(c, r, step, now_s);
	}
	size_t shown = 0;
	assert_int_equal(cache_walk(c, 0, UINT_MAX, 0, count_entry, &shown), 0);
	assert_int_equal(shown, cache_usage(c).entries);
	/* the often asked ones must mostly be there, or the cache is of no use */
	assert_true(hits * 10 > asked * 4);
	assert_true(cache_counts(c)->evicted > 1000 && cache_counts(c)->carried > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_cache_agrees_with_a_naive_one)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
