#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/ring.h"
#include "tests/test.h"

enum { CAPACITY = 64, MANY = 200000 };

static struct event_record numbered(uint64_t number)
{
	return (struct event_record){.time_us = (int64_t)number, .policy_version = number};
}

static void attach_other_side(const struct ring *ring, struct ring *ret)
{
	assert_int_equal(ring_attach(dup(ring->memory_fd), dup(ring->wake_fd), ring->capacity, ret),
	                 OK);
}

static bool is_awake(const struct ring *ring)
{
	struct pollfd poll_fd = {.fd = ring->wake_fd, .events = POLLIN};
	return poll(&poll_fd, 1, 0) == 1;
}

static void gives_out_what_was_put_in(void **state)
{
	(void)state;
	struct ring producer, consumer;
	struct event_record record;
	assert_int_equal(ring_create(CAPACITY, &producer), OK);
	attach_other_side(&producer, &consumer);
	for (uint64_t i = 0; i < 3 * CAPACITY; i++) {
		record = numbered(i);
		assert_true(ring_put(&producer, &record));
		assert_true(ring_take(&consumer, &record));
		assert_int_equal(record.policy_version, i);
	}
	assert_false(ring_take(&consumer, &record));
	ring_done(&producer);
	ring_done(&consumer);
}

static void a_full_ring_counts_what_it_loses(void **state)
{
	(void)state;
	struct ring producer, consumer;
	struct event_record record = numbered(1);
	assert_int_equal(ring_create(CAPACITY, &producer), OK);
	attach_other_side(&producer, &consumer);
	for (unsigned i = 0; i < CAPACITY; i++)
		assert_true(ring_put(&producer, &record));
	for (unsigned i = 0; i < 5; i++)
		assert_false(ring_put(&producer, &record));
	assert_int_equal(ring_take_losses(&consumer), 5);
	assert_int_equal(ring_take_losses(&consumer), 0);
	assert_true(ring_take(&consumer, &record));
	assert_true(ring_put(&producer, &record));
	ring_done(&producer);
	ring_done(&consumer);
}

static void wakes_only_when_it_was_empty(void **state)
{
	(void)state;
	struct ring producer, consumer;
	struct event_record record = numbered(1);
	assert_int_equal(ring_create(CAPACITY, &producer), OK);
	attach_other_side(&producer, &consumer);
	assert_false(is_awake(&consumer));
	assert_true(ring_put(&producer, &record));
	assert_true(is_awake(&consumer));
	assert_false(ring_arm(&consumer));
	assert_false(is_awake(&consumer));
	assert_true(ring_put(&producer, &record));
	assert_false(is_awake(&consumer));
	assert_true(ring_take(&consumer, &record) && ring_take(&consumer, &record));
	assert_true(ring_arm(&consumer));
	assert_true(ring_put(&producer, &record));
	assert_true(is_awake(&consumer));
	ring_done(&producer);
	ring_done(&consumer);
}

static void a_lying_producer_harms_only_itself(void **state)
{
	(void)state;
	struct ring producer, consumer;
	struct event_record record = numbered(1);
	assert_int_equal(ring_create(CAPACITY, &producer), OK);
	attach_other_side(&producer, &consumer);
	record.verdict = 200;
	assert_true(ring_put(&producer, &record));
	record = numbered(2);
	assert_true(ring_put(&producer, &record));
	assert_true(ring_take(&consumer, &record));
	assert_int_equal(record.policy_version, 2);
	assert_int_equal(ring_take_refused(&consumer), 1);
	/* a position far ahead: as if it had written more than there is room for */
	producer.at += 10 * CAPACITY;
	assert_true(!ring_put(&producer, &record));
	producer.at = 10 * CAPACITY;
	(void)ring_put(&producer, &record);
	for (unsigned i = 0; i < 2 * CAPACITY && ring_take(&consumer, &record); i++)
		;
	assert_false(ring_take(&consumer, &record));
	ring_done(&producer);
	ring_done(&consumer);
}

static void refuses_memory_that_is_no_ring(void **state)
{
	(void)state;
	struct ring ring, other;
	assert_int_equal(ring_create(3, &ring), ERR_LIMIT);
	assert_int_equal(ring_create(CAPACITY, &ring), OK);
	assert_int_equal(ring_attach(dup(ring.memory_fd), dup(ring.wake_fd), 2 * CAPACITY, &other),
	                 ERR_INVALID);
	int unsealed = memfd_create("x", 0);
	assert_int_equal(ring_attach(unsealed, dup(ring.wake_fd), CAPACITY, &other), ERR_INVALID);
	ring_done(&ring);
}

struct side {
	struct ring ring;
	uint64_t lost;
};

static void *produce(void *context)
{
	struct side *side = context;
	for (uint64_t i = 0; i < MANY; i++) {
		struct event_record record = numbered(i);
		side->lost += !ring_put(&side->ring, &record);
	}
	return NULL;
}

/* With sleeping on the descriptor, so that a lost wake-up would hang. */
static void two_threads_lose_nothing_uncounted(void **state)
{
	(void)state;
	struct side producer = {0};
	struct ring consumer;
	struct event_record record;
	pthread_t thread;
	uint64_t taken = 0, lost = 0, next = 0;
	assert_int_equal(ring_create(CAPACITY, &producer.ring), OK);
	attach_other_side(&producer.ring, &consumer);
	assert_int_equal(pthread_create(&thread, NULL, produce, &producer), 0);
	while (taken + lost < MANY) {
		while (ring_take(&consumer, &record)) {
			assert_true(record.policy_version >= next);
			next = record.policy_version + 1;
			taken++;
		}
		lost += ring_take_losses(&consumer);
		struct pollfd poll_fd = {.fd = consumer.wake_fd, .events = POLLIN};
		/* the last events may be losses, which wake nobody: hence the time limit */
		if (taken + lost < MANY && ring_arm(&consumer))
			(void)poll(&poll_fd, 1, 50);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(lost, producer.lost);
	assert_int_equal(taken + lost, MANY);
	assert_int_equal(ring_take_refused(&consumer), 0);
	ring_done(&producer.ring);
	ring_done(&consumer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_out_what_was_put_in),
		cmocka_unit_test(a_full_ring_counts_what_it_loses),
		cmocka_unit_test(wakes_only_when_it_was_empty),
		cmocka_unit_test(a_lying_producer_harms_only_itself),
		cmocka_unit_test(refuses_memory_that_is_no_ring),
		cmocka_unit_test(two_threads_lose_nothing_uncounted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
