#include <errno.h>
#include <unistd.h>

#include "daemon/record_erase.h"
#include "tests/test.h"
#include "tests/unit/record/fixture.h"

#define ERASURE "erase {\"actor\":\"a\",\"id\":\"i\",\"period\":\"2026-01\",\"reason\":\"r\"}\n"

/* Linked with --wrap: the writer makes room for entries by it. */
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

static bool is_memory_out;

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return is_memory_out ? NULL : __real_reallocarray(old, count, size);
}

struct world {
	struct fixture fixture;
	char index[300], directory[300], erasing[320], key[320];
	struct record_stats stats;
	struct record_writer *writer;
	struct pseudonym_keys names;
	struct record_keys keys;
};

/* With a key of January. */
static void open_world(struct world *w)
{
	char text[PSEUDONYM_TEXT_SIZE];
	*w = (struct world){0};
	fixture_init(&w->fixture);
	(void)snprintf(w->index, sizeof(w->index), "%s/index", w->fixture.root);
	(void)snprintf(w->directory, sizeof(w->directory), "%s/subjects", w->fixture.root);
	(void)snprintf(w->erasing, sizeof(w->erasing), "%s/" ERASURE_FILE, w->directory);
	(void)snprintf(w->key, sizeof(w->key), "%s/2026-01", w->directory);
	struct record_writer_setup setup = {.log_directory = w->fixture.path,
	                                    .index_file = w->index,
	                                    .signer = &w->fixture.signer,
	                                    .checkpoint_entries = 100,
	                                    .stats = &w->stats};
	assert_int_equal(record_writer_open(&setup, &w->writer), OK);
	assert_int_equal(pseudonym_keys_open(w->directory, &w->names), OK);
	assert_int_equal(pseudonym_of(&w->names, FIXTURE_TIME, view_text("192.0.2.1"), text), OK);
	w->keys = (struct record_keys){w->directory, &w->names};
}

static void close_world(struct world *w)
{
	pseudonym_keys_done(&w->names);
	record_writer_close(w->writer);
	fixture_done(&w->fixture);
}

static int erase(struct world *w)
{
	return record_erase(w->writer, &w->keys, view_text(ERASURE), FIXTURE_TIME);
}

static int64_t entries(const struct world *w)
{
	return record_counted(&w->stats, RECORD_ENTRIES);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void an_erasure_leaves_its_entry_and_nothing_to_do(void **state)
{
	(void)state;
	struct world w;
	open_world(&w);
	assert_int_equal(erase(&w), OK);
	assert_int_equal(entries(&w), 1);
	assert_false(is_there(w.erasing));
	close_world(&w);
}

static void an_entry_for_which_there_is_no_memory_is_written_later(void **state)
{
	(void)state;
	struct world w;
	open_world(&w);
	is_memory_out = true;
	assert_int_equal(erase(&w), -ENOMEM);
	is_memory_out = false;
	assert_int_equal(entries(&w), 0);
	assert_true(is_there(w.erasing));
	record_erase_resume(w.writer, &w.keys, FIXTURE_TIME);
	assert_int_equal(entries(&w), 1);
	assert_false(is_there(w.erasing));
	close_world(&w);
}

static void an_erasure_is_ended_though_the_key_s_file_went_away(void **state)
{
	(void)state;
	struct world w;
	open_world(&w);
	/* as after a crash */
	FILE *file = fopen(w.erasing, "w");
	assert_non_null(file);
	assert_true(fputs(ERASURE, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(unlink(w.key), 0);
	record_erase_resume(w.writer, &w.keys, FIXTURE_TIME);
	assert_int_equal(entries(&w), 1);
	assert_false(is_there(w.erasing));
	assert_string_equal(w.names.period, ""); /* nor is it in memory */
	/* and who asks for a month without a key is told so, as before */
	assert_int_equal(erase(&w), ERR_MISSING);
	assert_int_equal(entries(&w), 1);
	close_world(&w);
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
