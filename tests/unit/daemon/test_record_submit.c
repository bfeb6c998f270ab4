#include <errno.h>

#include "daemon/record_submit.h"
#include "tests/test.h"
#include "tests/unit/daemon/writer_world.h"

/* The writer makes room for 256 entries first, and for more by a second allocation. */
enum { COUNT = 300 };

static int submit(struct writer_world *w, const struct buffer *lines, size_t *ret_count)
{
	return record_submit_view(w->writer, &w->keys, buffer_view(lines), FIXTURE_TIME, ret_count);
}

static void add_findings(struct buffer *lines)
{
	for (int i = 0; i < COUNT; i++)
		buffer_printf(lines, "finding {\"finding\":\"%d\",\"state\":\"open\"}\n", i);
}

static void add_heartbeat(struct writer_world *w)
{
	struct buffer *out = record_writer_begin(w->writer);
	assert_true(record_writer_end(w->writer,
	                              entry_write_heartbeat(out, FIXTURE_TIME, "a", 60, NULL)));
}

static void all_entries_are_written(void **state)
{
	(void)state;
	struct writer_world w;
	struct buffer lines = {0};
	size_t count = 0;
	writer_world_open(&w);
	add_findings(&lines);
	assert_int_equal(submit(&w, &lines, &count), OK);
	assert_int_equal(count, COUNT);
	assert_int_equal(writer_world_entries(&w), COUNT);
	buffer_done(&lines);
	writer_world_close(&w);
}

static void none_is_written_when_one_finds_no_memory(void **state)
{
	(void)state;
	struct writer_world w;
	struct buffer lines = {0};
	size_t count = 7;
	writer_world_open(&w);
	add_findings(&lines);
	allocations_left = 1;
	assert_int_equal(submit(&w, &lines, &count), -ENOMEM);
	allocations_left = -1;
	assert_int_equal(count, 7);
	assert_int_equal(record_writer_waiting(w.writer), 0);
	assert_int_equal(writer_world_entries(&w), 0);
	/* and the same may be submitted again */
	assert_int_equal(submit(&w, &lines, &count), OK);
	assert_int_equal(count, COUNT);
	assert_int_equal(writer_world_entries(&w), COUNT);
	buffer_done(&lines);
	writer_world_close(&w);
}

static void what_waited_before_is_kept(void **state)
{
	(void)state;
	struct writer_world w;
	struct buffer lines = {0};
	size_t count = 0;
	writer_world_open(&w);
	add_findings(&lines);
	add_heartbeat(&w);
	allocations_left = 0; /* room for 255 is there */
	assert_int_equal(submit(&w, &lines, &count), -ENOMEM);
	allocations_left = -1;
	assert_int_equal(record_writer_waiting(w.writer), 1);
	add_heartbeat(&w);
	assert_int_equal(record_writer_commit(w.writer, FIXTURE_TIME), OK);
	assert_int_equal(writer_world_entries(&w), 2);
	buffer_done(&lines);
	writer_world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_entries_are_written),
		cmocka_unit_test(none_is_written_when_one_finds_no_memory),
		cmocka_unit_test(what_waited_before_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
