#include <pthread.h>
#include <stdlib.h>

#include "flow/learned.h"
#include "tests/test.h"

enum { ROWS = 64, SECOND = 1000000, THREADS = 4, ROUNDS = 20000 };

struct table {
	void *memory;
	struct learned t;
};

static int make_table(void **state)
{
	static struct table table;
	table.memory = aligned_alloc(64, learned_size(ROWS) / 64 * 64 + 64);
	learned_format(table.memory, ROWS, 7);
	*state = &table;
	return learned_open(table.memory, learned_size(ROWS), &table.t);
}

static int free_table(void **state)
{
	struct table *table = *state;
	free(table->memory);
	return 0;
}

static struct address at(const char *text)
{
	struct address a;
	assert_int_equal(address_parse(view_text(text), &a), OK);
	return a;
}

static struct dname named(const char *text)
{
	struct dname name;
	assert_int_equal(dname_parse_text(view_text(text), &name), OK);
	return name;
}

static void a_name_is_found_for_its_client_until_it_ends(void **state)
{
	const struct learned *t = &((struct table *)*state)->t;
	struct address client = at("192.0.2.1"), other = at("192.0.2.2"), to = at("2001:db8::1");
	struct dname name = named("chat.example"), found;
	assert_false(learned_find(t, &client, &to, 0, &found));
	assert_true(learned_put(t, &client, &to, &name, 0, 10 * SECOND));
	assert_true(learned_find(t, &client, &to, 10 * SECOND - 1, &found));
	assert_true(dname_equal(&found, &name));
	assert_false(learned_find(t, &client, &to, 10 * SECOND, &found));
	assert_false(learned_find(t, &other, &to, 0, &found));
	assert_false(learned_find(t, &to, &client, 0, &found));
	struct dname later = named("api.example");
	assert_true(learned_put(t, &client, &to, &later, 0, 10 * SECOND));
	assert_true(learned_find(t, &client, &to, 0, &found));
	assert_true(dname_equal(&found, &later));
}

static void an_address_of_another_name_too_names_nobody(void **state)
{
	const struct learned *t = &((struct table *)*state)->t;
	struct address client = at("192.0.2.1"), to = at("198.51.100.1");
	struct dname name = named("chat.example"), found;
	learned_spoil(t, &client, &to, 5 * SECOND); /* nothing is there */
	assert_true(learned_put(t, &client, &to, &name, 0, 10 * SECOND));
	learned_spoil(t, &client, &to, 5 * SECOND);
	assert_false(learned_find(t, &client, &to, 5 * SECOND - 1, &found));
	assert_true(learned_put(t, &client, &to, &name, SECOND, 10 * SECOND));
	assert_false(learned_find(t, &client, &to, 5 * SECOND - 1, &found));
	assert_true(learned_find(t, &client, &to, 5 * SECOND, &found));
}

static void no_name_lasts_for_ever(void **state)
{
	const struct learned *t = &((struct table *)*state)->t;
	struct address client = at("192.0.2.1"), to = at("198.51.100.1");
	struct dname name = named("chat.example"), found;
	assert_true(learned_put(t, &client, &to, &name, 0, INT64_MAX));
	assert_true(learned_find(t, &client, &to, LEARNED_TIME_MAX_US - 1, &found));
	assert_false(learned_find(t, &client, &to, LEARNED_TIME_MAX_US, &found));
}

static struct address numbered(unsigned i)
{
	return address_from_bytes((uint8_t[]){10, 0, (uint8_t)(i >> 8), (uint8_t)i}, 4);
}

static void a_full_table_forgets_what_ends_first(void **state)
{
	const struct learned *t = &((struct table *)*state)->t;
	struct address to = at("198.51.100.1");
	struct dname name = named("chat.example"), found;
	unsigned kept = 0;
	for (unsigned i = 0; i < 10 * ROWS; i++) {
		struct address client = numbered(i);
		assert_true(learned_put(t, &client, &to, &name, 0, SECOND + i));
	}
	for (unsigned i = 0; i < 10 * ROWS; i++) {
		struct address client = numbered(i);
		kept += learned_find(t, &client, &to, 0, &found);
	}
	assert_true(kept > ROWS / 2);
	assert_true(kept <= ROWS);
	struct address last = numbered(10 * ROWS - 1);
	assert_true(learned_find(t, &last, &to, 0, &found));
}

static void bits_say_what_cannot_be_there(void **state)
{
	const struct learned *t = &((struct table *)*state)->t;
	struct address client = at("192.0.2.1"), to = at("198.51.100.1");
	struct dname name = named("chat.example");
	assert_int_equal(learned_all_bits(t, 0), 0);
	assert_true(learned_put(t, &client, &to, &name, 0, SECOND));
	assert_int_equal(learned_all_bits(t, 0), learned_bits(&to));
	assert_int_equal(learned_all_bits(t, LEARNED_TIME_MAX_US), learned_bits(&to));
	/* hours later another put clears what is over */
	for (int64_t hour = 1; hour < 4; hour++)
		assert_true(learned_put(t, &client, &client, &name, hour * LEARNED_TIME_MAX_US,
		                        INT64_MAX));
	assert_int_equal(learned_all_bits(t, 3 * LEARNED_TIME_MAX_US), learned_bits(&client));
}

static void memory_that_is_no_table_is_refused(void **state)
{
	struct table *table = *state;
	struct learned other;
	assert_int_equal(learned_size(0), 0);
	assert_int_equal(learned_size(LEARNED_WAYS + 1), 0);
	assert_int_equal(learned_size(LEARNED_ROWS_MAX * 2U), 0);
	assert_int_equal(learned_open(table->memory, learned_size(ROWS) - 1, &other), ERR_INVALID);
	assert_int_equal(learned_open(table->memory, 3, &other), ERR_INVALID);
	((uint8_t *)table->memory)[4] = 0xff; /* a number of rows for which there is no memory */
	assert_int_equal(learned_open(table->memory, learned_size(ROWS), &other), ERR_INVALID);
	((uint8_t *)table->memory)[0] ^= 1;
	assert_int_equal(learned_open(table->memory, learned_size(ROWS), &other), ERR_INVALID);
}

/* Whatever a writer that was taken over leaves in the memory. */
static void any_bytes_are_a_valid_name_or_none(void **state)
{
	struct table *table = *state;
	struct address client = at("192.0.2.1"), to = at("198.51.100.1");
	struct dname name = named("chat.example"), found, again;
	uint32_t random = 1;
	for (unsigned i = 0; i < 20000; i++) {
		assert_true(learned_put(&table->t, &client, &to, &name, 0, INT64_MAX) || i);
		for (unsigned k = 0; k < 8; k++) {
			random = random * 1664525 + 1013904223;
			size_t where = 64 + random % (learned_size(ROWS) - 64);
			((uint8_t *)table->memory)[where] = (uint8_t)(random >> 24);
		}
		if (learned_find(&table->t, &client, &to, 0, &found))
			assert_int_equal(dname_parse_wire(dname_view(&found), &again), OK);
	}
}

static void a_row_whose_writer_was_killed_is_mended(void **state)
{
	struct table *table = *state;
	const struct learned *t = &table->t;
	struct address client = at("192.0.2.1"), to = at("198.51.100.1");
	struct dname name = named("chat.example"), found;
	/* every row is being written */
	size_t head = learned_size(2 * ROWS) - 2 * (learned_size(2 * ROWS) - learned_size(ROWS));
	size_t row = (learned_size(ROWS) - head) / ROWS;
	for (unsigned i = 0; i < ROWS; i++)
		*(uint32_t *)(void *)((char *)table->memory + head + i * row) = 1;
	assert_false(learned_put(t, &client, &to, &name, 0, SECOND));
	assert_false(learned_find(t, &client, &to, 0, &found));
	learned_mend(t);
	assert_true(learned_put(t, &client, &to, &name, 0, SECOND));
	assert_true(learned_find(t, &client, &to, 0, &found));
}

struct side {
	const struct learned *t;
	unsigned number;
	struct dname name;
};

/* Each client has one name of its own: any other that is found was torn. */
static void *write_and_read(void *context)
{
	const struct side *side = context;
	struct dname found;
	uintptr_t torn = 0;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct address client = numbered(side->number), to = numbered(1000 + i % 300);
		(void)learned_put(side->t, &client, &to, &side->name, 0, SECOND + i);
		if (learned_find(side->t, &client, &to, 0, &found))
			torn += !dname_equal(&found, &side->name);
	}
	return (void *)torn;
}

static void threads_never_see_half_a_row(void **state)
{
	struct table *table = *state;
	static const char *const names[THREADS] = {"a.example", "bb.example", "ccc.example",
	                                           "dddddddddddddddddddddddddddddddddd.example"};
	struct side sides[THREADS];
	pthread_t threads[THREADS];
	for (unsigned i = 0; i < THREADS; i++) {
		sides[i] = (struct side){&table->t, i, named(names[i])};
		assert_int_equal(pthread_create(&threads[i], NULL, write_and_read, &sides[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		void *torn;
		assert_int_equal(pthread_join(threads[i], &torn), 0);
		assert_null(torn);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_table, free_table)
	const struct CMUnitTest tests[] = {
		TEST(a_name_is_found_for_its_client_until_it_ends),
		TEST(an_address_of_another_name_too_names_nobody),
		TEST(no_name_lasts_for_ever),
		TEST(a_full_table_forgets_what_ends_first),
		TEST(bits_say_what_cannot_be_there),
		TEST(memory_that_is_no_table_is_refused),
		TEST(any_bytes_are_a_valid_name_or_none),
		TEST(a_row_whose_writer_was_killed_is_mended),
		TEST(threads_never_see_half_a_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
