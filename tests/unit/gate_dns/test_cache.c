#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "gate/dns/cache.h"
#include "tests/test.h"

enum { NOW = 1000 };

static struct dname name_of(const char *text)
{
	struct dname name;
	assert_int_equal(dname_parse_text(view_text(text), &name), OK);
	return name;
}

static int add(struct cache *c, const char *text, uint16_t type, const char *value, uint32_t ttl,
               uint32_t now)
{
	struct dname name = name_of(text);
	return cache_add(c, &(struct cache_key){&name, type}, value, strlen(value) + 1, ttl, now);
}

static const char *find(struct cache *c, const char *text, uint16_t type, uint32_t now)
{
	struct dname name = name_of(text);
	struct cache_found found = {.age_s = UINT32_MAX};
	const char *value = cache_find(c, &(struct cache_key){&name, type}, now, &found);
	assert_true(!value || found.age_s <= now);
	assert_true((uintptr_t)value % 8 == 0);
	return value;
}

static struct cache *make(size_t size)
{
	struct cache *c;
	assert_int_equal(cache_new(size, 0, 7, &c), OK);
	return c;
}

static void what_was_added_is_found_by_name_and_type(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	assert_null(find(c, "a.example", 1, NOW));
	assert_int_equal(add(c, "a.example", 1, "one", 60, NOW), OK);
	assert_string_equal(find(c, "A.Example.", 1, NOW), "one");
	assert_null(find(c, "a.example", 28, NOW));
	assert_null(find(c, "b.example", 1, NOW));
}

static void a_value_is_gone_when_its_time_is_over(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	assert_int_equal(add(c, "a.example", 1, "one", 60, NOW), OK);
	assert_non_null(find(c, "a.example", 1, NOW + 59));
	assert_null(find(c, "a.example", 1, NOW + 60));
	assert_int_equal(cache_counts(c)->expired, 1);
}

static void the_age_is_counted_from_when_it_was_added(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	struct dname name = name_of("a.example");
	struct cache_found found;
	assert_int_equal(add(c, "a.example", 1, "one", 60, NOW), OK);
	assert_non_null(cache_find(c, &(struct cache_key){&name, 1}, NOW + 20, &found));
	assert_int_equal(found.age_s, 20);
	assert_int_equal(found.left_s, 40);
}

static void a_value_whose_time_is_over_is_found_as_stale_for_so_long(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = NULL;
	assert_int_equal(cache_new(CACHE_SIZE_MIN, 100, 7, &c), OK);
	struct dname name = name_of("a.example");
	struct cache_key key = {&name, 1};
	struct cache_found found;
	assert_int_equal(add(c, "a.example", 1, "one", 60, NOW), OK);
	assert_non_null(cache_find(c, &key, NOW + 60, &found));
	assert_int_equal(found.age_s, 60);
	assert_int_equal(found.left_s, 0);
	assert_non_null(cache_find(c, &key, NOW + 159, &found));
	assert_null(cache_find(c, &key, NOW + 160, &found));
	assert_int_equal(cache_usage(c).entries, 0);
}

static void what_is_removed_is_gone_and_nothing_else(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	struct dname name = name_of("a.example");
	assert_int_equal(add(c, "a.example", 1, "one", 60, NOW), OK);
	assert_int_equal(add(c, "a.example", 28, "two", 60, NOW), OK);
	assert_true(cache_remove(c, &(struct cache_key){&name, 1}));
	assert_false(cache_remove(c, &(struct cache_key){&name, 1}));
	assert_null(find(c, "a.example", 1, NOW));
	assert_string_equal(find(c, "a.example", 28, NOW), "two");
	assert_int_equal(cache_usage(c).entries, 1);
}

struct walk {
	unsigned shown;
	uint32_t hits;
	enum cache_step step; /* what is said of names that begin with it */
	char begins;
};

static enum cache_step on_entry(void *context, const struct cache_entry *e)
{
	struct walk *w = context;
	w->shown++;
	w->hits += e->hits;
	assert_true(e->size >= e->name.size + strlen(e->value));
	assert_int_equal(e->found.left_s, 60);
	return e->name.bytes[1] == w->begins ? w->step : CACHE_NEXT;
}

/* Fills it twice over; returns how many there are. */
static size_t overfill(struct cache *c)
{
	char text[64];
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(text, sizeof(text), "%c%d.example", i % 2 ? 'a' : 'b', i);
		assert_int_equal(add(c, text, 1, "a value of some bytes", 60, NOW), OK);
	}
	return cache_usage(c).entries;
}

static void a_walk_in_pieces_shows_every_entry_once(void **state)
{
	(void)state;
	for (unsigned steps = 1; steps < 3000; steps = steps * 3 + 1) {
		cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
		struct walk w = {0};
		size_t entries = overfill(c);
		uint64_t at = 0;
		assert_in_range(entries, 100, 1999);
		do
			at = cache_walk(c, at, steps, NOW, on_entry, &w);
		while (at);
		assert_int_equal(w.shown, entries);
	}
}

static void a_walk_removes_what_it_is_told_to(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	struct walk w = {.step = CACHE_REMOVE, .begins = 'a'};
	size_t entries = overfill(c);
	assert_int_equal(cache_walk(c, 0, UINT_MAX, NOW, on_entry, &w), 0);
	assert_int_equal(w.shown, entries);
	assert_in_range(cache_usage(c).entries, entries / 2 - 1, entries / 2 + 1);
	assert_null(find(c, "a1999.example", 1, NOW));
	assert_non_null(find(c, "b1998.example", 1, NOW));
}

static void a_walk_that_outlives_its_entries_goes_on_with_what_there_is(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	struct walk w = {0};
	overfill(c);
	uint64_t at = cache_walk(c, 0, 10, NOW, on_entry, &w);
	w.shown = 0;
	size_t entries = overfill(c);
	assert_int_equal(cache_walk(c, at, UINT_MAX, NOW, on_entry, &w), 0);
	assert_int_equal(w.shown, entries);
	cache_clear(c);
	assert_int_equal(cache_walk(c, at, UINT_MAX, NOW, on_entry, &w), 0);
	assert_int_equal(w.shown, entries);
}

static void hits_are_counted(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	struct walk w = {.step = CACHE_STOP, .begins = 'a'};
	assert_int_equal(add(c, "a.example", 1, "one", 60, NOW), OK);
	for (int i = 0; i < 70000; i++)
		assert_non_null(find(c, "a.example", 1, NOW));
	cache_walk(c, 0, 10, NOW, on_entry, &w);
	assert_int_equal(w.hits, UINT16_MAX);
}

static void a_newer_value_takes_the_place_of_the_older(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	assert_int_equal(add(c, "a.example", 1, "one", 60, NOW), OK);
	assert_int_equal(add(c, "a.example", 1, "two", 60, NOW), OK);
	assert_string_equal(find(c, "a.example", 1, NOW), "two");
	assert_int_equal(add(c, "a.example", 1, "", 0, NOW), OK);
	assert_null(find(c, "a.example", 1, NOW));
}

static void what_is_used_stays_when_the_ring_runs_over(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	char text[64], other[200];
	memset(other, 'o', sizeof(other) - 1);
	other[sizeof(other) - 1] = 0;
	assert_int_equal(add(c, "used.example", 1, "used", 60, NOW), OK);
	assert_int_equal(add(c, "idle.example", 1, "idle", 60, NOW), OK);
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(text, sizeof(text), "n%d.example", i);
		assert_int_equal(add(c, text, 1, other, 60, NOW), OK);
		if (i % 100 == 0)
			assert_string_equal(find(c, "used.example", 1, NOW), "used");
	}
	assert_null(find(c, "idle.example", 1, NOW));
	assert_string_equal(find(c, "n19999.example", 1, NOW), other);
	assert_true(cache_counts(c)->carried > 0 && cache_counts(c)->evicted > 0);
}

static void a_value_over_a_quarter_of_the_ring_is_refused(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	static char large[CACHE_SIZE_MIN];
	struct dname name = name_of("a.example");
	struct cache_key key = {&name, 1};
	assert_int_equal(cache_add(c, &key, large, sizeof(large) / 4, 60, NOW), ERR_LIMIT);
	assert_int_equal(cache_add(c, &key, large, SIZE_MAX, 60, NOW), ERR_LIMIT);
	assert_int_equal(cache_add(c, &key, large, sizeof(large) / 4 - 64, 60, NOW), OK);
}

static void a_cleared_cache_is_empty_and_works(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	assert_int_equal(add(c, "a.example", 1, "one", 60, NOW), OK);
	cache_clear(c);
	assert_null(find(c, "a.example", 1, NOW));
	assert_int_equal(add(c, "a.example", 1, "two", 60, NOW), OK);
	assert_string_equal(find(c, "a.example", 1, NOW), "two");
}

static void the_root_and_the_longest_name_are_keys_like_others(void **state)
{
	(void)state;
	cleanup(cache) struct cache *c = make(CACHE_SIZE_MIN);
	char longest[254];
	memset(longest, 'x', sizeof(longest));
	longest[63] = longest[127] = longest[191] = '.';
	longest[253] = 0;
	assert_int_equal(add(c, ".", 2, "root", 60, NOW), OK);
	assert_int_equal(add(c, longest, 2, "longest", 60, NOW), OK);
	assert_string_equal(find(c, ".", 2, NOW), "root");
	assert_string_equal(find(c, longest, 2, NOW), "longest");
}

static void a_cache_that_is_too_small_is_not_made(void **state)
{
	(void)state;
	struct cache *c = NULL;
	assert_int_equal(cache_new(CACHE_SIZE_MIN - 1, 0, 7, &c), ERR_INVALID);
	assert_null(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_found_by_name_and_type),
		cmocka_unit_test(a_value_is_gone_when_its_time_is_over),
		cmocka_unit_test(the_age_is_counted_from_when_it_was_added),
		cmocka_unit_test(a_value_whose_time_is_over_is_found_as_stale_for_so_long),
		cmocka_unit_test(what_is_removed_is_gone_and_nothing_else),
		cmocka_unit_test(a_walk_in_pieces_shows_every_entry_once),
		cmocka_unit_test(a_walk_removes_what_it_is_told_to),
		cmocka_unit_test(a_walk_that_outlives_its_entries_goes_on_with_what_there_is),
		cmocka_unit_test(hits_are_counted),
		cmocka_unit_test(a_newer_value_takes_the_place_of_the_older),
		cmocka_unit_test(what_is_used_stays_when_the_ring_runs_over),
		cmocka_unit_test(a_value_over_a_quarter_of_the_ring_is_refused),
		cmocka_unit_test(a_cleared_cache_is_empty_and_works),
		cmocka_unit_test(the_root_and_the_longest_name_are_keys_like_others),
		cmocka_unit_test(a_cache_that_is_too_small_is_not_made),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
