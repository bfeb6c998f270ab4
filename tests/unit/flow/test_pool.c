#include <stdlib.h>

#include "flow/pool.h"
#include "tests/random.h"
#include "tests/test.h"

static struct view some(uint8_t *room, size_t size, uint8_t first)
{
	for (size_t i = 0; i < size; i++)
		room[i] = (uint8_t)(first + i);
	return view_of(room, size);
}

static void pieces_come_back_as_they_were_held(void **state)
{
	(void)state;
	static const size_t sizes[] = {1, 240, 241, 480, 481, 1700};
	uint8_t room[2048], copy[2048];
	struct pool pool;
	struct held held = {0};
	assert_int_equal(pool_init(&pool, 64 * 1024), OK);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(held_add(&held, &pool, i, some(room, sizes[i], (uint8_t)i)), OK);
	uint32_t cursor = 0;
	struct held_piece piece;
	for (unsigned i = 0; i < 6; i++) {
		assert_true(held_next(&held, &pool, &cursor, &piece));
		assert_int_equal(piece.sequence, i);
		assert_int_equal(piece.size, sizes[i]);
		held_copy(&pool, cursor, copy);
		some(room, sizes[i], (uint8_t)i);
		assert_memory_equal(copy, room, sizes[i]);
	}
	assert_false(held_next(&held, &pool, &cursor, &piece));
	held_clear(&held, &pool);
	assert_int_equal(pool_used(&pool), 0);
	pool_done(&pool);
}

static void a_full_pool_leaves_the_list_as_it_is(void **state)
{
	(void)state;
	static uint8_t room[8 * POOL_CHUNK_SIZE];
	struct pool pool;
	struct held held = {0};
	assert_int_equal(pool_init(&pool, 4 * POOL_CHUNK_SIZE), OK);
	assert_int_equal(held_add(&held, &pool, 0, view_of(room, 3 * 240)), OK);
	assert_int_equal(held_add(&held, &pool, 0, view_of(room, 2 * 240)), ERR_LIMIT);
	assert_int_equal(held.count, 1);
	assert_int_equal(held_add(&held, &pool, 0, view_of(room, 240)), OK);
	held_clear(&held, &pool);
	assert_int_equal(held_add(&held, &pool, 0, view_of(room, 4 * 240)), OK);
	held_clear(&held, &pool);
	pool_done(&pool);
}

static void what_ends_before_a_place_is_forgotten(void **state)
{
	(void)state;
	uint8_t room[16] = {0};
	struct pool pool;
	struct held held = {0};
	struct held_piece piece;
	assert_int_equal(pool_init(&pool, 64 * 1024), OK);
	static const uint32_t starts[] = {0xfffffff8, 4, 0, 0xfffffffc};
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(held_add(&held, &pool, starts[i], view_of(room, 8)), OK);
	held_forget_before(&held, &pool, 8);
	assert_int_equal(held.count, 1);
	assert_int_equal(held.bytes, 8);
	uint32_t cursor = 0;
	assert_true(held_next(&held, &pool, &cursor, &piece));
	assert_int_equal(piece.sequence, 4);
	assert_int_equal(held_add(&held, &pool, 100, view_of(room, 8)), OK);
	assert_true(held_next(&held, &pool, &cursor, &piece));
	assert_int_equal(piece.sequence, 100);
	held_forget_before(&held, &pool, 1000);
	assert_int_equal(held_add(&held, &pool, 7, view_of(room, 8)), OK);
	cursor = 0;
	assert_true(held_next(&held, &pool, &cursor, &piece) && piece.sequence == 7);
	pool_done(&pool);
}

static void lists_of_one_pool_do_not_touch_each_other(void **state)
{
	(void)state;
	uint8_t room[1024], copy[1024];
	struct pool pool;
	struct held held[8] = {{0}};
	uint64_t seed = 1;
	assert_int_equal(pool_init(&pool, 32 * 1024), OK);
	for (unsigned turn = 0; turn < 5000; turn++) {
		unsigned k = random_below(&seed, 8);
		if (random_below(&seed, 4) == 0)
			held_clear(&held[k], &pool);
		size_t size = 1 + random_below(&seed, sizeof(room) - 1);
		int r = held_add(&held[k], &pool, turn, some(room, size, (uint8_t)k));
		assert_true(r == OK || r == ERR_LIMIT);
		uint32_t cursor = 0;
		struct held_piece piece;
		while (held_next(&held[k], &pool, &cursor, &piece)) {
			held_copy(&pool, cursor, copy);
			some(room, piece.size, (uint8_t)k);
			assert_memory_equal(copy, room, piece.size);
		}
	}
	for (unsigned k = 0; k < 8; k++)
		held_clear(&held[k], &pool);
	assert_int_equal(pool_used(&pool), 0);
	pool_done(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_come_back_as_they_were_held),
		cmocka_unit_test(a_full_pool_leaves_the_list_as_it_is),
		cmocka_unit_test(what_ends_before_a_place_is_forgotten),
		cmocka_unit_test(lists_of_one_pool_do_not_touch_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
