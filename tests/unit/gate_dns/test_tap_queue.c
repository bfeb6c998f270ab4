#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "gate/dns/tap_queue.h"
#include "tests/random.h"
#include "tests/test.h"

enum { SIZE = 8192, PART_MAX = 3000 };

struct end {
	struct tap_queue *queue;
	int wake_fd;
};

static struct end end_open(void)
{
	struct end e = {.wake_fd = eventfd(0, EFD_NONBLOCK)};
	assert_true(e.wake_fd >= 0);
	assert_int_equal(tap_queue_new(SIZE, e.wake_fd, &e.queue), OK);
	return e;
}

static void end_close(struct end *e)
{
	tap_queue_free(e->queue);
	close(e->wake_fd);
}

static bool is_woken(const struct end *e)
{
	uint64_t count;
	return read(e->wake_fd, &count, sizeof(count)) == sizeof(count);
}

/* A record whose bytes all follow from its number. */
static bool put(struct tap_queue *q, uint64_t number)
{
	uint8_t bytes[PART_MAX];
	uint64_t seed = number;
	struct tap_record r = {.reference = number, .took_us = (int64_t)number};
	memset(bytes, (int)(number & 0xff), sizeof(bytes));
	for (int i = 0; i < TAP_PARTS; i++)
		r.parts[i] = view_of(bytes, random_below(&seed, i == TAP_ANSWER ? PART_MAX : 60));
	return tap_queue_put(q, &r);
}

static void assert_record(const struct tap_record *r, uint64_t number)
{
	uint64_t seed = number;
	assert_non_null(r);
	assert_int_equal(r->reference, number);
	for (int i = 0; i < TAP_PARTS; i++) {
		size_t size = random_below(&seed, i == TAP_ANSWER ? PART_MAX : 60);
		assert_int_equal(r->parts[i].size, size);
		for (size_t k = 0; k < size; k++)
			assert_int_equal(r->parts[i].bytes[k], number & 0xff);
	}
}

static void records_come_out_as_they_went_in(void **state)
{
	(void)state;
	struct end e = end_open();
	uint64_t seed = 1, in = 0, out = 0, dropped = 0;
	uint64_t numbers[1000]; /* of what was not dropped; far fewer fit at a time */
	for (uint64_t number = 0; number < 20000; number++) {
		if (put(e.queue, number))
			numbers[in++ % 1000] = number;
		else
			dropped++;
		for (uint32_t left = random_below(&seed, 3); left && out < in; left--) {
			assert_record(tap_queue_peek(e.queue), numbers[out++ % 1000]);
			tap_queue_release(e.queue);
		}
	}
	for (; out < in; out++) {
		assert_record(tap_queue_peek(e.queue), numbers[out % 1000]);
		tap_queue_release(e.queue);
	}
	assert_null(tap_queue_peek(e.queue));
	assert_true(in > 1000 && dropped > 0);
	assert_int_equal(tap_queue_take_drops(e.queue), dropped);
	assert_int_equal(tap_queue_take_drops(e.queue), 0);
	end_close(&e);
}

static void what_can_never_fit_is_dropped_and_the_next_goes_on(void **state)
{
	(void)state;
	struct end e = end_open();
	static uint8_t large[SIZE];
	struct tap_record r = {0};
	r.parts[TAP_ANSWER] = view_of(large, sizeof(large));
	assert_false(tap_queue_put(e.queue, &r));
	assert_true(put(e.queue, 7));
	assert_record(tap_queue_peek(e.queue), 7);
	assert_int_equal(tap_queue_take_drops(e.queue), 1);
	end_close(&e);
}

static void the_reader_is_woken_once_and_only_when_it_waits(void **state)
{
	(void)state;
	struct end e = end_open();
	assert_true(put(e.queue, 1));
	assert_false(is_woken(&e));
	assert_false(tap_queue_arm(e.queue)); /* there is something: no waiting */
	tap_queue_release(e.queue);
	assert_true(tap_queue_arm(e.queue));
	assert_true(put(e.queue, 2));
	assert_true(is_woken(&e));
	assert_true(put(e.queue, 3));
	assert_false(is_woken(&e));
	end_close(&e);
}

enum { ROUNDS = 100000 };

static void *produce(void *context)
{
	struct end *e = context;
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		if (!put(e->queue, i) && i % 8 == 0)
			sched_yield();
	}
	return NULL;
}

static void of_two_threads_one_may_write_while_the_other_reads(void **state)
{
	(void)state;
	struct end e = end_open();
	pthread_t producer;
	uint64_t taken = 0, last = 0, dropped = 0;
	assert_int_equal(pthread_create(&producer, NULL, produce, &e), 0);
	while (taken + dropped < ROUNDS) {
		const struct tap_record *r = tap_queue_peek(e.queue);
		if (r) {
			assert_true(r->reference > last);
			last = r->reference;
			assert_record(r, last);
			tap_queue_release(e.queue);
			taken++;
		} else {
			dropped += tap_queue_take_drops(e.queue);
		}
	}
	pthread_join(producer, NULL);
	assert_null(tap_queue_peek(e.queue));
	assert_true(taken > 0);
	end_close(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_out_as_they_went_in),
		cmocka_unit_test(what_can_never_fit_is_dropped_and_the_next_goes_on),
		cmocka_unit_test(the_reader_is_woken_once_and_only_when_it_waits),
		cmocka_unit_test(of_two_threads_one_may_write_while_the_other_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
