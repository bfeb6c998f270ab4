#include "base/view.h"
#include "tests/test.h"

static void views_are_in_the_order_of_their_bytes(void **state)
{
	static const struct view sorted[] = {{NULL, 0},
	                                     {(const uint8_t *)"\0", 1},
	                                     {(const uint8_t *)"a", 1},
	                                     {(const uint8_t *)"a\0", 2},
	                                     {(const uint8_t *)"ab", 2},
	                                     {(const uint8_t *)"b", 1},
	                                     {(const uint8_t *)"\xff", 1}};
	enum { COUNT = sizeof(sorted) / sizeof(*sorted) };
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		for (size_t k = 0; k < COUNT; k++) {
			int order = view_compare(sorted[i], sorted[k]);
			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_are_in_the_order_of_their_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
