#include "gate/dns/open_files.h"
#include "tests/test.h"

static void a_transport_that_is_not_offered_wants_no_files(void **state)
{
	(void)state;
	struct dns_options o = {.tcp.connections_max = 512,
	                        .tls.limits.connections_max = 4096,
	                        .https.limits.connections_max = 4096};
	assert_int_equal(open_files_allowed(&o), 512);
	o.tls.listen.count = 1;
	assert_int_equal(open_files_allowed(&o), 512 + 4096);
	o.https.listen.count = 1;
	assert_int_equal(open_files_allowed(&o), 512 + 4096 + 4096);
	assert_int_equal(open_files_wanted(&o, 2),
	                 OPEN_FILES_OF_GATE + 2 * (OPEN_FILES_OF_WORKER + 512 + 4096 + 4096));
}

static void what_is_wanted_is_enough_for_all_connections(void **state)
{
	(void)state;
	struct dns_options o = {.tcp.connections_max = 50000};
	for (unsigned workers = 1; workers <= 64; workers++)
		assert_int_equal(open_files_connections(open_files_wanted(&o, workers), workers),
		                 50000);
}

static void connections_leave_files_for_all_else(void **state)
{
	(void)state;
	assert_int_equal(open_files_connections(20000, 1),
	                 20000 - OPEN_FILES_OF_GATE - OPEN_FILES_OF_WORKER);
	assert_int_equal(open_files_connections(20000, 2),
	                 (20000 - OPEN_FILES_OF_GATE - 2 * OPEN_FILES_OF_WORKER) / 2);
}

static void where_little_is_allowed_half_of_it_is_for_connections(void **state)
{
	(void)state;
	assert_int_equal(open_files_connections(1024, 1), 512);
	assert_int_equal(open_files_connections(1024, 4), 128);
	assert_int_equal(open_files_connections(8, 16), 1);
	assert_int_equal(open_files_connections(UINT64_MAX, 1), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transport_that_is_not_offered_wants_no_files),
		cmocka_unit_test(what_is_wanted_is_enough_for_all_connections),
		cmocka_unit_test(connections_leave_files_for_all_else),
		cmocka_unit_test(where_little_is_allowed_half_of_it_is_for_connections),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
