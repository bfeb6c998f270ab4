#include <errno.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/unit/daemon/writer_world.h"

#define ERASURE "erase {\"actor\":\"a\",\"id\":\"i\",\"period\":\"2026-01\",\"reason\":\"r\"}\n"

static int erase(struct writer_world *w)
{
	return record_erase(w->writer, &w->keys, view_text(ERASURE), FIXTURE_TIME);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void an_erasure_leaves_its_entry_and_nothing_to_do(void **state)
{
	(void)state;
	struct writer_world w;
	writer_world_open(&w);
	assert_int_equal(erase(&w), OK);
	assert_int_equal(writer_world_entries(&w), 1);
	assert_false(is_there(w.erasing));
	writer_world_close(&w);
}

static void an_entry_for_which_there_is_no_memory_is_written_later(void **state)
{
	(void)state;
	struct writer_world w;
	writer_world_open(&w);
	allocations_left = 0;
	assert_int_equal(erase(&w), -ENOMEM);
	allocations_left = -1;
	assert_int_equal(writer_world_entries(&w), 0);
	assert_true(is_there(w.erasing));
	record_erase_resume(w.writer, &w.keys, FIXTURE_TIME);
	assert_int_equal(writer_world_entries(&w), 1);
	assert_false(is_there(w.erasing));
	writer_world_close(&w);
}

static void an_erasure_is_ended_though_the_key_s_file_went_away(void **state)
{
	(void)state;
	struct writer_world w;
	writer_world_open(&w);
	/* as after a crash */
	FILE *file = fopen(w.erasing, "w");
	assert_non_null(file);
	assert_true(fputs(ERASURE, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(unlink(w.key), 0);
	record_erase_resume(w.writer, &w.keys, FIXTURE_TIME);
	assert_int_equal(writer_world_entries(&w), 1);
	assert_false(is_there(w.erasing));
	assert_string_equal(w.names.period, ""); /* nor is it in memory */
	/* and who asks for a month without a key is told so, as before */
	assert_int_equal(erase(&w), ERR_MISSING);
	assert_int_equal(writer_world_entries(&w), 1);
	writer_world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_erasure_leaves_its_entry_and_nothing_to_do),
		cmocka_unit_test(an_entry_for_which_there_is_no_memory_is_written_later),
		cmocka_unit_test(an_erasure_is_ended_though_the_key_s_file_went_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
