#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/file.h"
#include "source/list_set.h"
#include "tests/test.h"

#define LIST "one.example\ntwo.example\n"

struct world {
	char folder[32];
	char organisation[64], file[64];
	struct list_product list;
	struct organisation of;
};

static int set_up(void **state)
{
	static struct world w;
	w = (struct world){
		.folder = "/tmp/writ-lists-XXXXXX",
		.list = {.id = "house", .file = "house.txt", .place.file = "organisation.yaml"},
		.of.lists = {.items = &w.list, .count = 1}};
	if (!mkdtemp(w.folder))
		return -1;
	(void)snprintf(w.organisation, sizeof(w.organisation), "%s/organisation.yaml", w.folder);
	(void)snprintf(w.file, sizeof(w.file), "%s/house.txt", w.folder);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	const struct world *w = *state;
	(void)unlink(w->file);
	return rmdir(w->folder);
}

static size_t load(const struct world *w, struct list_set *set, struct list_texts *texts)
{
	struct problems problems = {0};
	struct list_reading from = {.organisation_file = w->organisation, .organisation = &w->of};
	assert_int_equal(list_set_load(&from, set, texts, &problems, &problems), OK);
	size_t count = problems.count;
	problems_done(&problems);
	return count;
}

static void a_file_that_is_cut_while_it_is_compiled_harms_nobody(void **state)
{
	const struct world *w = *state;
	struct list_set set;
	struct list_texts texts;
	assert_int_equal(file_replace(w->file, view_text(LIST), 0644), OK);
	assert_int_equal(load(w, &set, &texts), 0);
	assert_int_equal(truncate(w->file, 0), 0);
	assert_true(view_is(texts.views[0], LIST));
	list_texts_done(&texts);
	list_set_done(&set);
}

static void an_empty_file_is_a_text(void **state)
{
	const struct world *w = *state;
	struct list_set set;
	struct list_texts texts;
	assert_int_equal(file_replace(w->file, view_text(""), 0644), OK);
	assert_int_equal(load(w, &set, &texts), 0);
	assert_true(texts.views[0].bytes && texts.views[0].size == 0);
	list_texts_done(&texts);
	list_set_done(&set);
}

static void a_pipe_is_refused_and_not_waited_for(void **state)
{
	const struct world *w = *state;
	struct list_set set;
	struct list_texts texts;
	assert_int_equal(mkfifo(w->file, 0644), 0);
	assert_int_equal(load(w, &set, &texts), 1);
	list_texts_done(&texts);
	list_set_done(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_file_that_is_cut_while_it_is_compiled_harms_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_empty_file_is_a_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_pipe_is_refused_and_not_waited_for, set_up,
	                                        tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
