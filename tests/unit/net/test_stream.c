#include "net/stream.h"
#include "tests/test.h"

enum { PLACES = 100, IDLE_US = 10000000 };

static const struct session_kind *const kinds[] = {&session_dns, NULL};

/* A server that shares `shared` places with others, of which `taken` are taken. */
static int64_t idle_us(uint32_t shared, uint32_t taken)
{
	uv_loop_t loop;
	struct stream_server *server;
	struct stream_pool pool = {.connections_max = shared, .connections = taken};
	struct stream_setup setup = {.loop = &loop,
	                             .connections_max = PLACES,
	                             .connections_per_client = PLACES,
	                             .idle_us = IDLE_US,
	                             .kinds = kinds,
	                             .pool = &pool};
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(stream_server_new(&setup, &server), OK);
	int64_t us = stream_server_idle_us(server);
	stream_server_close(server);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return us;
}

static void who_is_silent_may_be_so_for_less_as_the_places_of_all_run_out(void **state)
{
	(void)state;
	assert_int_equal(idle_us(8, 0), IDLE_US);
	assert_int_equal(idle_us(8, 5), IDLE_US);
	assert_int_equal(idle_us(8, 6), IDLE_US / 4);
	assert_int_equal(idle_us(8, 7), IDLE_US / 4);
	assert_int_equal(idle_us(8, 8), IDLE_US / 10);
	assert_int_equal(idle_us(UINT32_MAX, UINT32_MAX / 4 * 3 + 3), IDLE_US / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_silent_may_be_so_for_less_as_the_places_of_all_run_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
