#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "daemon/fetch_list.h"
#include "source/file.h"
#include "tests/test.h"

#define OLD "one.example\ntwo.example\nthree.example\n"
#define NEW OLD "four.example\n"

static char folder[] = "/tmp/writ-fetch-list-XXXXXX";
static struct subscription of;
static const struct fetch_list list = {folder, &of};
static char sentence[HTTPS_SENTENCE_MAX];

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int empty_folder(void **state)
{
	(void)state;
	of = (struct subscription){
		.id = "ads", .url = "https://lists.example/", .refresh_us = DAY_US};
	int code = OK;
	for (int i = 0; code == OK && i < LIST_FILES; i++)
		code = list_store_remove(folder, "ads", (enum list_file)i);
	return code;
}

static int remove_folder(void **state)
{
	int code = empty_folder(state);
	return code == OK ? rmdir(folder) : code;
}

/* "" when it is not there. */
static void assert_holds(enum list_file file, const char *expected)
{
	struct buffer text = {0};
	int code = list_store_read(folder, "ads", file, LIST_TEXT_MAX, &text);
	assert_int_equal(code, *expected ? OK : ERR_MISSING);
	assert_true(view_is(buffer_view(&text), expected));
	buffer_done(&text);
}

static enum fetch_outcome answer_body(const char *body, const char *etag)
{
	enum fetch_outcome outcome;
	struct https_answer answer = {.outcome = HTTPS_BODY};
	buffer_add_text(&answer.body, body);
	(void)snprintf(answer.etag, sizeof(answer.etag), "%s", etag);
	assert_int_equal(fetch_list_answer(&list, &answer, SECOND_US, &outcome, sentence), OK);
	buffer_done(&answer.body);
	return outcome;
}

static enum fetch_outcome answer_without_body(enum https_outcome what)
{
	enum fetch_outcome outcome;
	struct https_answer answer = {.outcome = what, .sentence = "the server answers 500"};
	assert_int_equal(fetch_list_answer(&list, &answer, 2 * SECOND_US, &outcome, sentence), OK);
	return outcome;
}

static struct fetch_past open_list(bool expect_offer)
{
	struct fetch_past past;
	bool offers = !expect_offer;
	assert_int_equal(fetch_list_open(&list, &offers, &past), OK);
	assert_int_equal(offers, expect_offer);
	return past;
}

static void assert_etag(const char *expected)
{
	struct fetch_tags tags;
	assert_int_equal(fetch_list_tags(&list, &tags), OK);
	assert_string_equal(tags.etag, expected);
}

static void put_in_force(const char *body, const char *etag)
{
	assert_int_equal(answer_body(body, etag), FETCH_OFFERED);
	assert_int_equal(fetch_list_take(&list), OK);
}

static void a_good_list_is_an_offer_until_it_is_taken(void **state)
{
	(void)state;
	assert_int_equal(open_list(false).tried_us, TIME_MIN);
	assert_int_equal(answer_body(OLD, "\"1\""), FETCH_OFFERED);
	assert_holds(LIST_FILE_OFFER, OLD);
	assert_holds(LIST_FILE_COPY, "");
	assert_false(open_list(true).has_copy);
	assert_etag("");
	assert_int_equal(fetch_list_take(&list), OK);
	assert_holds(LIST_FILE_OFFER, "");
	assert_holds(LIST_FILE_COPY, OLD);
	assert_true(open_list(false).has_copy);
	assert_etag("\"1\"");
}

static void the_same_bytes_are_no_change_and_renew_the_tag(void **state)
{
	(void)state;
	put_in_force(OLD, "\"1\"");
	assert_int_equal(answer_body(OLD, "\"2\""), FETCH_SAME);
	assert_etag("\"2\"");
	assert_int_equal(answer_without_body(HTTPS_SAME), FETCH_SAME);
	assert_etag("\"2\"");
	open_list(false);
}

static void tags_of_another_server_are_not_sent(void **state)
{
	(void)state;
	put_in_force(OLD, "\"1\"");
	of.url = "https://other.example/";
	assert_etag("");
	assert_int_equal(open_list(false).tried_us, TIME_MIN);
	assert_int_equal(answer_body(OLD, "\"3\""), FETCH_SAME);
	assert_etag("\"3\"");
	assert_int_equal(open_list(false).tried_us, SECOND_US);
}

static void a_copy_that_was_altered_or_removed_is_fetched_whole(void **state)
{
	(void)state;
	put_in_force(OLD, "\"1\"");
	assert_int_equal(list_store_write(folder, "ads", LIST_FILE_COPY, view_text("x.example")),
	                 OK);
	assert_etag("");
	put_in_force(OLD, "\"1\"");
	assert_int_equal(list_store_remove(folder, "ads", LIST_FILE_COPY), OK);
	assert_etag("");
	assert_false(open_list(false).has_copy);
}

static void failures_are_counted_and_change_no_list(void **state)
{
	(void)state;
	put_in_force(OLD, "\"1\"");
	assert_int_equal(answer_without_body(HTTPS_FAILED), FETCH_FAILED);
	assert_string_equal(sentence, "the server answers 500");
	assert_int_equal(answer_body("<html>", ""), FETCH_FAILED);
	assert_string_equal(sentence, "it is a web page, not a list");
	assert_int_equal(open_list(false).failures, 2);
	assert_holds(LIST_FILE_COPY, OLD);
	assert_int_equal(answer_without_body(HTTPS_SAME), FETCH_SAME);
	assert_int_equal(open_list(false).failures, 0);
}

static void a_short_list_is_held_accepted_and_taken(void **state)
{
	(void)state;
	put_in_force(OLD, "\"1\"");
	assert_int_equal(fetch_list_accept(&list), ERR_MISSING);
	assert_int_equal(answer_body("one.example\n", "\"2\""), FETCH_HELD);
	assert_string_equal(sentence,
	                    "held: it has less than half of the names before (1, before 3)");
	assert_int_equal(answer_body("one.example\n", "\"2\""), FETCH_HELD);
	assert_holds(LIST_FILE_COPY, OLD);
	assert_etag("\"1\"");
	assert_int_equal(fetch_list_accept(&list), OK);
	open_list(true);
	assert_holds(LIST_FILE_HELD, "");
	assert_int_equal(fetch_list_take(&list), OK);
	assert_holds(LIST_FILE_COPY, "one.example\n");
	assert_etag("\"2\"");
	assert_int_equal(answer_body("two.example\n", "\"3\""), FETCH_OFFERED);
}

static void a_held_list_goes_when_the_server_returns_to_the_old_or_a_better_one(void **state)
{
	(void)state;
	put_in_force(OLD, "\"1\"");
	assert_int_equal(answer_body("one.example\n", ""), FETCH_HELD);
	assert_int_equal(answer_without_body(HTTPS_SAME), FETCH_SAME);
	assert_holds(LIST_FILE_HELD, "");
	assert_int_equal(answer_body("one.example\n", ""), FETCH_HELD);
	assert_int_equal(answer_body(NEW, ""), FETCH_OFFERED);
	assert_holds(LIST_FILE_HELD, "");
}

static void an_offer_that_makes_no_policy_is_held(void **state)
{
	(void)state;
	put_in_force(OLD, "\"1\"");
	assert_int_equal(answer_body(NEW, "\"2\""), FETCH_OFFERED);
	assert_int_equal(fetch_list_hold(&list, "too many names"), OK);
	open_list(false);
	assert_holds(LIST_FILE_HELD, NEW);
	assert_holds(LIST_FILE_COPY, OLD);
	assert_int_equal(answer_body(NEW, "\"2\""), FETCH_HELD);
	assert_string_equal(sentence, "held: too many names");
}

static void a_pin_decides_alone(void **state)
{
	(void)state;
	char sha256[LIST_SHA256_SIZE];
	put_in_force(NEW, "\"1\"");
	of.pin = list_sha256(view_text("one.example\n"), sha256);
	assert_false(open_list(false).has_copy);
	assert_etag("");
	assert_int_equal(answer_body(NEW, ""), FETCH_FAILED);
	assert_non_null(strstr(sentence, "expected the pinned one"));
	put_in_force("one.example\n", "");
	assert_true(open_list(false).has_copy);
}

/* The process may end between a file and the state that names it. */
static void a_crash_at_any_step_leaves_a_list_that_is_whole(void **state)
{
	(void)state;
	struct buffer before = {0};
	put_in_force(OLD, "\"1\"");
	assert_int_equal(answer_body(NEW, "\"2\""), FETCH_OFFERED);
	assert_int_equal(list_store_read(folder, "ads", LIST_FILE_STATE, LIST_TEXT_MAX, &before),
	                 OK);
	/* moved, and the state still speaks of an offer */
	assert_int_equal(fetch_list_take(&list), OK);
	assert_int_equal(list_store_write(folder, "ads", LIST_FILE_STATE, buffer_view(&before)),
	                 OK);
	assert_true(open_list(false).has_copy);
	assert_etag("\"2\"");
	/* an offer that no state names */
	assert_int_equal(list_store_write(folder, "ads", LIST_FILE_OFFER, view_text("x.example\n")),
	                 OK);
	open_list(false);
	assert_holds(LIST_FILE_OFFER, "");
	assert_holds(LIST_FILE_COPY, NEW);
	buffer_done(&before);
}

static void a_damaged_state_is_a_list_of_which_nothing_is_known(void **state)
{
	(void)state;
	put_in_force(OLD, "\"1\"");
	assert_int_equal(list_store_write(folder, "ads", LIST_FILE_STATE, view_text("]")), OK);
	assert_etag("");
	assert_int_equal(open_list(false).tried_us, TIME_MIN);
	assert_int_equal(answer_body("one.example\n", ""), FETCH_OFFERED);
}

static void links_pipes_and_folders_are_not_read(void **state)
{
	(void)state;
	struct buffer text = {0};
	cleanup(free) char *path = list_store_path(folder, "ads", LIST_FILE_COPY);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	assert_int_equal(list_store_read(folder, "ads", LIST_FILE_COPY, 100, &text), ERR_DENIED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(list_store_read(folder, "ads", LIST_FILE_COPY, 100, &text), ERR_DENIED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(list_store_read(folder, "ads", LIST_FILE_COPY, 100, &text), ERR_DENIED);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(text.size, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, empty_folder)
	const struct CMUnitTest tests[] = {
		TEST(a_good_list_is_an_offer_until_it_is_taken),
		TEST(the_same_bytes_are_no_change_and_renew_the_tag),
		TEST(tags_of_another_server_are_not_sent),
		TEST(a_copy_that_was_altered_or_removed_is_fetched_whole),
		TEST(failures_are_counted_and_change_no_list),
		TEST(a_short_list_is_held_accepted_and_taken),
		TEST(a_held_list_goes_when_the_server_returns_to_the_old_or_a_better_one),
		TEST(an_offer_that_makes_no_policy_is_held),
		TEST(a_pin_decides_alone),
		TEST(a_crash_at_any_step_leaves_a_list_that_is_whole),
		TEST(a_damaged_state_is_a_list_of_which_nothing_is_known),
		TEST(links_pipes_and_folders_are_not_read),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
