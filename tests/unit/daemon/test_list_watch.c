#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "daemon/list_watch.h"
#include "source/file.h"
#include "tests/test.h"

struct world {
	uv_loop_t loop;
	uv_timer_t patience;
	struct list_watch *watch;
	char folder[32];
	char *file, *other;
	const char *told;
	unsigned refusals, tellings;
};

static bool tell(void *context, const char *file)
{
	struct world *w = context;
	w->tellings++;
	if (w->refusals) {
		w->refusals--;
		return false;
	}
	w->told = file;
	uv_stop(&w->loop);
	return true;
}

static void on_impatient(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

static int set_up(void **state)
{
	static struct world w;
	w = (struct world){.folder = "/tmp/writ-watch-XXXXXX"};
	if (!mkdtemp(w.folder) || asprintf(&w.file, "%s/a.txt", w.folder) < 0 ||
	    asprintf(&w.other, "%s/b.txt", w.folder) < 0)
		return -1;
	uv_loop_init(&w.loop);
	uv_timer_init(&w.loop, &w.patience);
	*state = &w;
	return list_watch_new(&w.loop, tell, &w, &w.watch);
}

static int tear_down(void **state)
{
	struct world *w = *state;
	list_watch_free(w->watch);
	uv_close((uv_handle_t *)&w->patience, NULL);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	int code = uv_loop_close(&w->loop);
	(void)unlink(w->file);
	(void)unlink(w->other);
	(void)rmdir(w->folder);
	free(w->file);
	free(w->other);
	return code;
}

/* Until something is told, or nothing was for longer than it may take. */
static void run(struct world *w)
{
	uv_timer_start(&w->patience, on_impatient, 4 * LIST_WATCH_QUIET_MS, 0);
	uv_run(&w->loop, UV_RUN_DEFAULT);
}

static void watch_file(struct world *w)
{
	const char *files[] = {w->file};
	assert_int_equal(list_watch_set(w->watch, files, 1), OK);
}

static void a_file_that_is_replaced_is_told(void **state)
{
	struct world *w = *state;
	watch_file(w);
	assert_int_equal(file_replace(w->file, view_text("x"), 0600), OK);
	run(w);
	assert_string_equal(w->told, w->file);
	w->told = NULL;
	assert_int_equal(file_replace(w->file, view_text("y"), 0600), OK);
	watch_file(w);
	run(w);
	assert_string_equal(w->told, w->file);
}

static void other_files_of_the_folder_are_not(void **state)
{
	struct world *w = *state;
	watch_file(w);
	assert_int_equal(file_replace(w->other, view_text("x"), 0600), OK);
	run(w);
	assert_null(w->told);
}

static void many_changes_are_told_once(void **state)
{
	struct world *w = *state;
	watch_file(w);
	for (int i = 0; i < 50; i++)
		assert_int_equal(file_replace(w->file, view_text("x"), 0600), OK);
	run(w);
	assert_non_null(w->told);
	run(w);
	assert_int_equal(w->tellings, 1);
}

static void who_is_busy_is_told_again(void **state)
{
	struct world *w = *state;
	watch_file(w);
	w->refusals = 1;
	assert_int_equal(file_replace(w->file, view_text("x"), 0600), OK);
	run(w);
	assert_string_equal(w->told, w->file);
	assert_int_equal(w->tellings, 2);
}

static void a_folder_that_is_not_there_is_said_and_the_others_are_watched(void **state)
{
	struct world *w = *state;
	const char *files[] = {"/nonexistent/writ/a.txt", w->file};
	assert_true(list_watch_set(w->watch, files, 2) < 0);
	assert_int_equal(file_replace(w->file, view_text("x"), 0600), OK);
	run(w);
	assert_string_equal(w->told, w->file);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_file_that_is_replaced_is_told),
		TEST(other_files_of_the_folder_are_not),
		TEST(many_changes_are_told_once),
		TEST(who_is_busy_is_told_again),
		TEST(a_folder_that_is_not_there_is_said_and_the_others_are_watched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
