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

/* What is submitted, and to whom. */
struct submission {
	struct writer_world w;
	struct buffer lines;
	size_t count;
};

static void begin(struct submission *s)
{
	*s = (struct submission){.count = 7};
	writer_world_open(&s->w);
	add_findings(&s->lines);
}

static void done(struct submission *s)
{
	buffer_done(&s->lines);
	writer_world_close(&s->w);
}

static void all_entries_are_written(void **state)
{
	(void)state;
	struct submission s;
	begin(&s);
	assert_int_equal(submit(&s.w, &s.lines, &s.count), OK);
	assert_int_equal(s.count, COUNT);
	assert_int_equal(writer_world_entries(&s.w), COUNT);
	done(&s);
}

static void none_is_written_when_one_finds_no_memory(void **state)
{
	(void)state;
	struct submission s;
	begin(&s);
	allocations_left = 1;
	assert_int_equal(submit(&s.w, &s.lines, &s.count), -ENOMEM);
	allocations_left = -1;
	assert_int_equal(s.count, 7);
	assert_int_equal(record_writer_waiting(s.w.writer), 0);
	assert_int_equal(writer_world_entries(&s.w), 0);
	/* and the same may be submitted again */
	assert_int_equal(submit(&s.w, &s.lines, &s.count), OK);
	assert_int_equal(s.count, COUNT);
	assert_int_equal(writer_world_entries(&s.w), COUNT);
	done(&s);
}

static void what_waited_before_is_kept(void **state)
{
	(void)state;
	struct submission s;
	begin(&s);
	add_heartbeat(&s.w);
	allocations_left = 0; /* room for 255 is there */
	assert_int_equal(submit(&s.w, &s.lines, &s.count), -ENOMEM);
	allocations_left = -1;
	assert_int_equal(record_writer_waiting(s.w.writer), 1);
	add_heartbeat(&s.w);
	assert_int_equal(record_writer_commit(s.w.writer, FIXTURE_TIME), OK);
	assert_int_equal(writer_world_entries(&s.w), 2);
	done(&s);
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
