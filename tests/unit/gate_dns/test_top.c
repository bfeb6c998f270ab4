#include <stdio.h>
#include <string.h>

#include "gate/dns/top.h"
#include "tests/random.h"
#include "tests/test.h"

static void add_text(struct top *t, const char *text, int times)
{
	for (int i = 0; i < times; i++)
		top_add(t, TOP_NAMES, view_text(text));
}

static size_t collect(const struct top *t, enum top_kind kind, struct top_row *rows)
{
	return top_merge(rows, top_copy(t, kind, rows));
}

static void the_most_frequent_comes_first(void **state)
{
	(void)state;
	static struct top_row rows[TOP_ROWS];
	cleanup(top) struct top *t = top_new(1);
	add_text(t, "few", 2);
	add_text(t, "many", 5);
	add_text(t, "one", 1);
	assert_int_equal(collect(t, TOP_NAMES, rows), 3);
	assert_memory_equal(rows[0].key, "many", 4);
	assert_int_equal(rows[0].count, 5);
	assert_int_equal(rows[0].error, 0);
	assert_memory_equal(rows[2].key, "one", 3);
	assert_int_equal(collect(t, TOP_BLOCKED, rows), 0);
}

static void a_query_counts_under_client_name_and_type(void **state)
{
	(void)state;
	static struct top_row rows[TOP_ROWS];
	cleanup(top) struct top *t = top_new(1);
	struct dname name;
	struct address client;
	assert_int_equal(dname_parse_text(view_text("a.example"), &name), OK);
	assert_int_equal(address_parse(view_text("192.0.2.1"), &client), OK);
	top_add_query(t, &client, &name, 28);
	assert_int_equal(collect(t, TOP_CLIENTS, rows), 1);
	assert_memory_equal(rows[0].key, client.bytes, 4);
	assert_int_equal(collect(t, TOP_NAMES, rows), 1);
	assert_memory_equal(rows[0].key, name.bytes, name.size);
	assert_int_equal(collect(t, TOP_TYPES, rows), 1);
	assert_int_equal(rows[0].key[1], 28);
}

static void rows_of_several_workers_add_up(void **state)
{
	(void)state;
	static struct top_row rows[2 * TOP_ROWS];
	cleanup(top) struct top *a = top_new(1);
	cleanup(top) struct top *b = top_new(2);
	add_text(a, "x", 3);
	add_text(a, "y", 4);
	add_text(b, "x", 2);
	size_t count = top_copy(a, TOP_NAMES, rows);
	count += top_copy(b, TOP_NAMES, rows + count);
	assert_int_equal(top_merge(rows, count), 2);
	assert_int_equal(rows[0].count, 5);
	assert_memory_equal(rows[0].key, "x", 1);
}

/* Far more keys than rows, some of them asked far more often. */
static void a_count_is_never_too_low_nor_off_by_more_than_its_error(void **state)
{
	(void)state;
	enum { KEYS = 50000, STEPS = 400000, HEAVY = 10 };
	static struct top_row rows[TOP_ROWS];
	static uint64_t truth[KEYS];
	cleanup(top) struct top *t = top_new(3);
	uint64_t random = 1;
	for (int i = 0; i < STEPS; i++) {
		uint32_t key = random_below(&random, random_below(&random, 2) ? HEAVY : KEYS);
		truth[key]++;
		top_add(t, TOP_NAMES, view_of(&key, sizeof(key)));
	}
	size_t count = collect(t, TOP_NAMES, rows);
	assert_int_equal(count, TOP_ROWS);
	for (size_t i = 0; i < count; i++) {
		uint32_t key;
		memcpy(&key, rows[i].key, sizeof(key));
		assert_true(rows[i].count >= truth[key]);
		assert_true(rows[i].count - rows[i].error <= truth[key]);
		assert_true(i >= HEAVY || key < HEAVY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_frequent_comes_first),
		cmocka_unit_test(a_query_counts_under_client_name_and_type),
		cmocka_unit_test(rows_of_several_workers_add_up),
		cmocka_unit_test(a_count_is_never_too_low_nor_off_by_more_than_its_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
