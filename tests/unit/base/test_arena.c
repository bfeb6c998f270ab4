#include "base/arena.h"
#include "tests/test.h"

static void gives_zeroed_memory_that_does_not_overlap(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 0);
	uint8_t *last = NULL;
	for (size_t i = 1; i < 500; i++) {
		uint8_t *at = arena_alloc(&a, i * 7);
		assert_non_null(at);
		for (size_t k = 0; k < i * 7; k++)
			assert_int_equal(at[k], 0);
		memset(at, 0xff, i * 7);
		assert_ptr_not_equal(at, last);
		last = at;
	}
	arena_done(&a);
}

static void stays_failed_after_its_limit(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 100);
	assert_non_null(arena_alloc(&a, 50));
	assert_null(arena_alloc(&a, 100));
	assert_true(a.failed);
	assert_null(arena_alloc(&a, 1));
	arena_done(&a);
}

static void prints_text_of_any_length(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 0);
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	assert_string_equal(arena_text(&a, view_of("hello", 4)), "hell");
	assert_int_equal(strlen(arena_printf(&a, "%0200000d", 1)), 200000);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_memory_that_does_not_overlap),
		cmocka_unit_test(stays_failed_after_its_limit),
		cmocka_unit_test(prints_text_of_any_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
