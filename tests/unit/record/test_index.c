#include "base/timestamp.h"
#include "record/index.h"
#include "tests/test.h"
#include "tests/unit/record/fixture.h"

/* Every store in this row is held to the same answers. */
static const struct store_backend *const backends[] = {&store_sqlite};

struct answer {
	size_t count;
	uint64_t seqs[64];
};

static int collect(void *context, const struct store_row *row)
{
	struct answer *answer = context;
	assert_true(answer->count < 64);
	assert_int_equal(row->entry.bytes[0], '{');
	answer->seqs[answer->count++] = row->seq;
	return OK;
}

static void write_event(uint64_t number, struct buffer *out)
{
	static const char *const names[] = {"chat.deepseek.com", "deepseek.com", "notdeepseek.com"};
	struct event event = {.count = 1,
	                      .first_us = FIXTURE_TIME,
	                      .last_us = FIXTURE_TIME,
	                      .gate = "dns",
	                      .name = names[number % 3],
	                      .order = number % 2 ? "TW-1" : "it's; DROP TABLE entries",
	                      .verdict = "block"};
	out->size = 0;
	assert_int_equal(event_write(&event, FIXTURE_TIME + (int64_t)number * SECOND_US, out), OK);
}

/* Twelve entries in the log: events, and a heartbeat as every fourth. */
static void make_log(struct fixture *f, struct index *index)
{
	struct log_options options = fixture_options(f);
	struct log *log;
	struct buffer text = {0};
	fixture_init(f);
	assert_int_equal(log_open(&options, &log), OK);
	for (uint64_t i = 0; i < 12; i++) {
		if (i % 4 == 3)
			(void)fixture_entry(&text, i);
		else
			write_event(i, &text);
		struct view view = buffer_view(&text);
		assert_int_equal(log_append(log, &view, 1, NULL), OK);
		if (index)
			assert_int_equal(index_add(index, i, &view, 1), OK);
		if (i == 7)
			assert_int_equal(log_checkpoint(log), OK);
	}
	log_close(log);
	buffer_done(&text);
}

static struct answer ask(struct index *index, const char *key, const char *value,
                         struct store_query q)
{
	struct answer answer = {0};
	struct store_filter filter = {.value = view_text(value)};
	if (key) {
		filter.field = event_field_find(view_text(key));
		q.filters = &filter;
		q.filter_count = 1;
	}
	assert_int_equal(index_query(index, &q, collect, &answer), OK);
	return answer;
}

static void check_answers(struct index *index)
{
	const struct store_query all = {
		.since_us = TIME_MIN, .until_us = TIME_MAX, .after_seq = -1};
	struct store_query q = all;
	assert_int_equal(ask(index, NULL, NULL, all).count, 12);
	assert_int_equal(ask(index, "order", "TW-1", all).count, 3);
	assert_int_equal(ask(index, "order", "it's; DROP TABLE entries", all).count, 6);
	/* a name means itself and what is under it, not what merely ends alike */
	assert_int_equal(ask(index, "name", "deepseek.com", all).count, 6);
	assert_int_equal(ask(index, "name", "notdeepseek.com", all).count, 3);
	q.kind = "heartbeat";
	assert_int_equal(ask(index, NULL, NULL, q).count, 3);
	q = all;
	q.since_us = FIXTURE_TIME + 2 * SECOND_US;
	q.until_us = FIXTURE_TIME + 4 * SECOND_US;
	assert_int_equal(ask(index, NULL, NULL, q).seqs[0], 2);
	assert_int_equal(ask(index, NULL, NULL, q).count, 2);
	q = all;
	q.after_seq = 9;
	assert_int_equal(ask(index, NULL, NULL, q).count, 2);
	q = all;
	q.newest_first = true;
	q.limit = 1;
	assert_int_equal(ask(index, NULL, NULL, q).seqs[0], 11);
}

static void an_index_kept_in_step_and_one_rebuilt_answer_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(backends) / sizeof(*backends); i++) {
		struct fixture f, again;
		struct index *index;
		struct log_reader *reader;
		char path[400];
		assert_int_equal(index_open(backends[i], ":memory:", &index), OK);
		make_log(&f, index);
		check_answers(index);
		assert_int_equal(log_reader_open(f.path, &f.signer.verifier, &reader), OK);
		index_close(index);
		fixture_init(&again);
		(void)snprintf(path, sizeof(path), "%s/index", again.root);
		assert_int_equal(index_open(backends[i], path, &index), OK);
		assert_int_equal(index_catch_up(index, reader), OK);
		index_close(index);
		assert_int_equal(index_open(backends[i], path, &index), OK);
		assert_int_equal(index_catch_up(index, reader), OK);
		check_answers(index);
		index_close(index);
		log_reader_close(reader);
		fixture_done(&f);
		fixture_done(&again);
	}
}

static void a_bad_batch_changes_nothing(void **state)
{
	(void)state;
	struct index *index;
	struct buffer text = {0};
	assert_int_equal(index_open(backends[0], ":memory:", &index), OK);
	struct view views[2] = {fixture_entry(&text, 0), view_text("{}")};
	assert_int_equal(index_add(index, 0, views, 2), ERR_MALFORMED);
	assert_string_equal(index_problem(index), "is not an object of data, kind and time");
	assert_int_equal(index_add(index, 1, views, 1), ERR_INVALID);
	assert_int_equal(index_add(index, 0, views, 1), OK);
	struct store_filter filter = {event_field_find(view_text("count")), view_text("1")};
	struct store_query q = {.filters = &filter, .filter_count = 1};
	assert_int_equal(index_query(index, &q, collect, NULL), ERR_DENIED);
	index_close(index);
	buffer_done(&text);
}

static int count_in_order(void *context, const struct store_row *row)
{
	uint64_t *count = context;
	assert_int_equal(row->seq, (*count)++);
	return OK;
}

static void all_rows_are_more_than_one_query_gives(void **state)
{
	(void)state;
	enum { ROWS = 2 * STORE_LIMIT_MAX + 1 };
	static struct view views[ROWS];
	struct index *index;
	struct buffer text = {0};
	struct store_query q = {.since_us = TIME_MIN, .until_us = TIME_MAX, .after_seq = -1};
	uint64_t count = 0;
	const struct view entry = fixture_entry(&text, 0);
	for (size_t i = 0; i < ROWS; i++)
		views[i] = entry;
	assert_int_equal(index_open(backends[0], ":memory:", &index), OK);
	assert_int_equal(index_add(index, 0, views, ROWS), OK);
	assert_int_equal(index_query(index, &q, count_in_order, &count), OK);
	assert_int_equal(count, STORE_LIMIT_MAX);
	count = 0;
	assert_int_equal(index_query_all(index, &q, count_in_order, &count), OK);
	assert_int_equal(count, ROWS);
	index_close(index);
	buffer_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_kept_in_step_and_one_rebuilt_answer_alike),
		cmocka_unit_test(a_bad_batch_changes_nothing),
		cmocka_unit_test(all_rows_are_more_than_one_query_gives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
