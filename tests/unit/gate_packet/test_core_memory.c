#include <stdlib.h>

#include "tests/gate_packet/scene.h"
#include "tests/test.h"

/* Linked with --wrap: every allocation of ours comes by here. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static unsigned allocations;

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	allocations++;
	return __real_realloc(old, size);
}

static struct scene scene;

static void speak(uint16_t port)
{
	uint8_t room[HELLO_SIZE_MAX], query[512];
	const char *names[] = {"banned.example", "fine.example", ""};
	for (uint16_t i = 0; i < 3; i++) {
		struct talk t =
			talk_open(&scene, "192.0.2.10", (uint16_t)(port + i), "203.0.113.80", 443);
		struct view hello = hello_write(names[i], room);
		struct view half = view_of(hello.bytes, hello.size / 2);
		(void)talk_client(&t, half);
		(void)talk_client(&t, view_skip(hello, half.size));
		(void)talk_server(&t, hello_write(NULL, room));
	}
	struct talk http =
		talk_open(&scene, "192.0.2.10", (uint16_t)(port + 3), "203.0.113.80", 80);
	(void)talk_client(&http, view_text("GET / HTTP/1.1\r\nHost: banned.example\r\n\r\n"));
	struct talk dns = {.scene = &scene};
	talk_ends(&dns, "192.0.2.10", (uint16_t)(port + 4), "203.0.113.80", 53);
	(void)talk_datagram(&dns,
	                    fixture_query(query, "banned.example", DNS_TYPE_A, 1, FIXTURE_EDNS));
	packet_core_tick(scene.core, &scene.now);
}

static void no_packet_allocates(void **state)
{
	(void)state;
	allocations = 0;
	scene_open(&scene, "", "enforce", NULL);
	assert_int_not_equal(allocations, 0); /* they are counted */
	allocations = 0;
	for (uint16_t i = 0; i < 100; i++)
		speak((uint16_t)(20000 + 10 * i));
	assert_int_equal(allocations, 0);
	assert_int_equal(packet_counted(&scene.stats, PACKET_BLOCKED), 300);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_packet_allocates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
