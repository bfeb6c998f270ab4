#include "daemon/packet_queues.h"
#include "tests/test.h"

static void queues_are_read_as_the_kernel_writes_them(void **state)
{
	(void)state;
	struct view rest = view_text(" 5300   4213     7 2 65531     3     1       42  1\n"
	                             " 5301 -3184129041     0 2 65531     0     0        0  1\n"
	                             "what is this\n"
	                             "    1   2     3 4     5     6     4294967295        8  1");
	struct packet_queue q;
	assert_true(packet_queue_next(&rest, &q));
	assert_int_equal(q.number, 5300);
	assert_int_equal(q.waiting, 7);
	assert_int_equal(q.dropped, 3);
	assert_int_equal(q.not_delivered, 1);
	assert_true(packet_queue_next(&rest, &q));
	assert_int_equal(q.number, 5301);
	assert_int_equal(q.waiting, 0);
	assert_true(packet_queue_next(&rest, &q));
	assert_int_equal(q.number, 1);
	assert_int_equal(q.not_delivered, UINT32_MAX);
	assert_false(packet_queue_next(&rest, &q));
}

static void what_is_cut_off_is_no_queue(void **state)
{
	(void)state;
	const char *line = " 5300   4213     7 2 65531     3 ";
	struct packet_queue q;
	for (size_t size = 0; size <= strlen(line); size++) {
		struct view rest = view_of(line, size);
		assert_false(packet_queue_next(&rest, &q));
		assert_int_equal(rest.size, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queues_are_read_as_the_kernel_writes_them),
		cmocka_unit_test(what_is_cut_off_is_no_queue),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
