#include "record/aggregate.h"
#include "tests/test.h"

enum { OUT_MAX = 64 };

struct out {
	size_t count;
	struct {
		struct event_record record;
		int64_t count, last_us;
	} events[OUT_MAX];
};

static void collect(void *context, const struct event_record *record, int64_t count,
                    int64_t last_us)
{
	struct out *out = context;
	assert_true(out->count < OUT_MAX);
	out->events[out->count].record = *record;
	out->events[out->count].count = count;
	out->events[out->count++].last_us = last_us;
}

static void add(struct aggregate *a, uint32_t identifier, int64_t time_us)
{
	struct event_record record = {
		.time_us = time_us, .identifier = identifier, .reference = (uint64_t)time_us};
	aggregate_add(a, &record, record.time_us);
}

static void alike_events_become_one_at_the_windows_end(void **state)
{
	(void)state;
	struct out out = {0};
	struct aggregate *a = aggregate_new(8, 100, 1, collect, &out);
	add(a, 1, 10);
	assert_int_equal(out.count, 1);
	add(a, 1, 20);
	add(a, 2, 25);
	add(a, 1, 30);
	assert_int_equal(out.count, 2);
	assert_int_equal(aggregate_next_us(a), 110);
	aggregate_expire(a, 109);
	assert_int_equal(out.count, 2);
	aggregate_expire(a, 110);
	assert_int_equal(out.count, 3);
	assert_int_equal(out.events[2].count, 2);
	assert_int_equal(out.events[2].record.time_us, 20);
	assert_int_equal(out.events[2].record.reference, 20);
	assert_int_equal(out.events[2].last_us, 30);
	/* what was seen once is not sent twice */
	aggregate_flush(a);
	assert_int_equal(out.count, 3);
	assert_int_equal(aggregate_next_us(a), INT64_MAX);
	add(a, 1, 300);
	assert_int_equal(out.events[3].count, 1);
	aggregate_free(a);
}

static void windows_go_by_the_caller_when_a_clock_is_set_back(void **state)
{
	(void)state;
	struct out out = {0};
	struct aggregate *a = aggregate_new(8, 100, 1, collect, &out);
	struct event_record record = {.time_us = 1000000, .identifier = 1};
	aggregate_add(a, &record, 1000000);
	record.time_us = 10;
	aggregate_add(a, &record, 1000050);
	assert_int_equal(out.count, 1);
	aggregate_expire(a, 1000100);
	assert_int_equal(out.count, 2);
	aggregate_add(a, &record, 1000200);
	aggregate_add(a, &record, 1000201);
	aggregate_expire(a, 1000202);
	assert_int_equal(out.count, 3);
	aggregate_free(a);
}

static void a_full_table_sends_the_oldest_out_early(void **state)
{
	(void)state;
	struct out out = {0};
	struct aggregate *a = aggregate_new(2, 1000, 1, collect, &out);
	add(a, 1, 1);
	add(a, 1, 2);
	add(a, 2, 3);
	add(a, 3, 4);
	assert_int_equal(out.count, 4);
	assert_int_equal(out.events[2].record.identifier, 1);
	assert_int_equal(out.events[2].count, 1);
	assert_int_equal(out.events[3].record.identifier, 3);
	aggregate_free(a);
}

static void nothing_is_lost_or_counted_twice(void **state)
{
	(void)state;
	struct out out = {0};
	struct aggregate *a = aggregate_new(5, 50, 7, collect, &out);
	int64_t total = 0;
	for (int64_t i = 0; i < 2000; i++) {
		add(a, (uint32_t)(i * 7919 % 11), i);
		for (size_t k = 0; k < out.count; k++)
			total += out.events[k].count;
		out.count = 0;
	}
	aggregate_flush(a);
	for (size_t k = 0; k < out.count; k++)
		total += out.events[k].count;
	assert_int_equal(total, 2000);
	aggregate_free(a);
}

static struct event_record flow(int64_t time_us, uint8_t last_of_destination)
{
	return (struct event_record){.time_us = time_us,
	                             .bytes_up = 100,
	                             .bytes_down = 7,
	                             .duration_us = 1000,
	                             .destination_port = 443,
	                             .destination_family = EVENT_FAMILY_IP4,
	                             .destination = {192, 0, 2, last_of_destination}};
}

static void bytes_of_alike_flows_are_added_up(void **state)
{
	(void)state;
	struct out out = {0};
	struct aggregate *a = aggregate_new(8, 100, 1, collect, &out);
	for (int64_t i = 0; i < 4; i++) {
		struct event_record record = flow(i, 1);
		aggregate_add(a, &record, record.time_us);
	}
	struct event_record other = flow(5, 2);
	aggregate_add(a, &other, other.time_us); /* to another destination: not alike */
	aggregate_flush(a);
	assert_int_equal(out.count, 3);
	assert_int_equal(out.events[0].record.bytes_up, 100);
	assert_int_equal(out.events[2].count, 3);
	assert_int_equal(out.events[2].record.bytes_up, 300);
	assert_int_equal(out.events[2].record.bytes_down, 21);
	assert_int_equal(out.events[2].record.duration_us, 3000);
	assert_int_equal(out.events[2].record.destination[3], 1);
	aggregate_free(a);
}

static void what_is_more_of_an_event_adds_bytes_and_no_count(void **state)
{
	(void)state;
	struct out out = {0};
	struct aggregate *a = aggregate_new(8, 100, 1, collect, &out);
	struct event_record begun = flow(1, 1), more = flow(2, 1);
	begun.bytes_up = begun.bytes_down = begun.duration_us = 0;
	more.is_more = 1;
	aggregate_add(a, &begun, begun.time_us);
	aggregate_add(a, &more, more.time_us);
	aggregate_flush(a);
	assert_int_equal(out.count, 2);
	assert_int_equal(out.events[0].count, 1);
	assert_int_equal(out.events[1].count, 0);
	assert_int_equal(out.events[1].record.bytes_up, 100);
	aggregate_add(a, &more, more.time_us); /* long after what it is more of */
	assert_int_equal(out.events[2].count, 0);
	assert_int_equal(out.events[2].record.bytes_up, 100);
	aggregate_free(a);
}

static void sums_end_at_what_json_can_say(void **state)
{
	(void)state;
	struct out out = {0};
	struct aggregate *a = aggregate_new(8, 100, 1, collect, &out);
	for (int64_t i = 0; i < 4; i++) {
		struct event_record record = flow(i, 1);
		record.bytes_up = EVENT_SUM_MAX;
		aggregate_add(a, &record, record.time_us);
	}
	aggregate_flush(a);
	assert_int_equal(out.events[1].record.bytes_up, EVENT_SUM_MAX);
	assert_true(event_record_is_valid(&out.events[1].record));
	aggregate_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alike_events_become_one_at_the_windows_end),
		cmocka_unit_test(windows_go_by_the_caller_when_a_clock_is_set_back),
		cmocka_unit_test(a_full_table_sends_the_oldest_out_early),
		cmocka_unit_test(bytes_of_alike_flows_are_added_up),
		cmocka_unit_test(what_is_more_of_an_event_adds_bytes_and_no_count),
		cmocka_unit_test(sums_end_at_what_json_can_say),
		cmocka_unit_test(nothing_is_lost_or_counted_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
