#include "daemon/record_writer.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "base/timestamp.h"
#include "daemon/log_line.h"
#include "record/entry.h"
#include "record/index.h"
#include "record/log_reader.h"

#define RETRY_US  SECOND_US
#define REMIND_US (60 * SECOND_US)

struct record_writer {
	struct record_writer_setup setup;
	struct log *log;
	struct index *index;
	struct buffer entry; /* the one being written */
	struct buffer bytes; /* entries that wait, one after the other */
	size_t *ends;        /* where each ends */
	size_t count, capacity;
	size_t dropped; /* since the last commit */
	bool is_failing;
	int64_t retry_at_us, remind_at_us;
	uint64_t checkpoint_size;
	int64_t newest_us;
};

static int open_log(struct record_writer *w)
{
	struct log_options options = {.path = w->setup.log_directory,
	                              .signer = w->setup.signer,
	                              .checkpoint_every = w->setup.checkpoint_entries};
	return log_open(&options, &w->log);
}

static void publish(struct record_writer *w, int64_t now_us)
{
	struct log_state state;
	log_read_state(w->log, &state);
	struct record_stats *stats = w->setup.stats;
	record_set(stats, RECORD_ENTRIES, (int64_t)state.size);
	record_set(stats, RECORD_CHECKPOINT_ENTRIES, (int64_t)state.checkpoint_size);
	if (state.checkpoint_size != w->checkpoint_size)
		record_set(stats, RECORD_CHECKPOINT_AT, now_us);
	w->checkpoint_size = state.checkpoint_size;
}

static void index_fails(struct record_writer *w, const char *what, int code)
{
	record_count(w->setup.stats, RECORD_INDEX_ERRORS, 1);
	log_line(LOG_LEVEL_WARNING, "cannot %s the index %s: %s; the log itself is whole", what,
	         w->setup.index_file, w->index ? index_problem(w->index) : err_text(code));
	if (w->index)
		index_close(w->index);
	w->index = NULL;
}

static int take_time(void *context, uint64_t index, struct view bytes)
{
	int64_t *newest_us = context;
	struct entry entry;
	const char *why;
	(void)index;
	if (entry_parse(bytes, &entry, &why) == OK && entry.time_us > *newest_us)
		*newest_us = entry.time_us;
	return OK;
}

static int read_newest(struct record_writer *w)
{
	struct log_state state;
	cleanup(log_reader) struct log_reader *reader = NULL;
	log_read_state(w->log, &state);
	w->newest_us = TIME_MIN;
	if (state.size == 0)
		return OK;
	int code = log_reader_open(w->setup.log_directory, &w->setup.signer->verifier, &reader);
	return code < 0 ? code
	                : log_reader_walk(reader, state.size - 1, true, take_time, &w->newest_us);
}

static int catch_up(struct record_writer *w)
{
	cleanup(log_reader) struct log_reader *reader = NULL;
	int code = log_reader_open(w->setup.log_directory, &w->setup.signer->verifier, &reader);
	return code < 0 ? code : index_catch_up(w->index, reader);
}

/* The index is only a copy of the log: one that cannot be used is set aside and made anew. */
static void open_index(struct record_writer *w)
{
	char aside[4200];
	const char *file = w->setup.index_file;
	int code = index_open(&store_sqlite, file, &w->index);
	if (code == OK)
		code = catch_up(w);
	if (code == OK)
		return;
	index_fails(w, "open", code);
	(void)snprintf(aside, sizeof(aside), "%s.damaged", file);
	if (rename(file, aside) < 0)
		return;
	code = index_open(&store_sqlite, file, &w->index);
	if (code == OK)
		code = catch_up(w);
	if (code < 0)
		index_fails(w, "make", code);
}

int record_writer_open(const struct record_writer_setup *setup, struct record_writer **ret)
{
	cleanup(record_writer) struct record_writer *w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->setup = *setup;
	int code = open_log(w);
	if (code == OK)
		code = log_checkpoint(w->log);
	if (code == OK)
		code = read_newest(w);
	if (code < 0)
		return code;
	struct log_state state;
	log_read_state(w->log, &state);
	if (state.torn_bytes)
		log_line(LOG_LEVEL_NOTICE,
		         "a write that a crash cut short was removed from the log: %zu bytes, no "
		         "acknowledged entry",
		         state.torn_bytes);
	open_index(w);
	*ret = take_ptr(w);
	return OK;
}

void record_writer_close(struct record_writer *w)
{
	if (!w)
		return;
	if (w->index)
		index_close(w->index);
	if (w->log)
		log_close(w->log);
	buffer_done(&w->entry);
	buffer_done(&w->bytes);
	free(w->ends);
	free(w);
}

int64_t record_writer_newest_us(const struct record_writer *w)
{
	return w->newest_us;
}

int record_writer_query(struct record_writer *w, const struct store_query *query,
                        store_row_fn *each, void *context)
{
	return w->index ? index_query_all(w->index, query, each, context) : ERR_MISSING;
}

struct buffer *record_writer_begin(struct record_writer *w)
{
	w->entry.size = 0;
	return &w->entry;
}

static bool make_room(struct record_writer *w)
{
	if (w->count < w->capacity)
		return true;
	size_t capacity = w->capacity ? 2 * w->capacity : 256;
	size_t *ends = reallocarray(w->ends, capacity, sizeof(*ends));
	if (!ends)
		return false;
	w->ends = ends;
	w->capacity = capacity;
	return true;
}

bool record_writer_end(struct record_writer *w, int code)
{
	uint8_t *at = code == OK && make_room(w) ? buffer_space(&w->bytes, w->entry.size) : NULL;
	if (at) {
		memcpy(at, w->entry.bytes, w->entry.size);
		w->ends[w->count++] = w->bytes.size;
		return true;
	}
	if (w->dropped++ == 0)
		log_line(LOG_LEVEL_ERROR, "cannot write an entry: %s; it is lost",
		         err_text(code < 0 ? code : -ENOMEM));
	record_count(w->setup.stats, RECORD_LOST, 1);
	w->entry.failed = w->bytes.failed = false;
	return false;
}

size_t record_writer_waiting(const struct record_writer *w)
{
	return w->count;
}

void record_writer_cut(struct record_writer *w, size_t count)
{
	assert(count <= w->count && !w->is_failing);
	w->count = count;
	w->bytes.size = count ? w->ends[count - 1] : 0;
}

bool record_writer_is_failing(const struct record_writer *w)
{
	return w->is_failing;
}

static void begin_failing(struct record_writer *w, int code, int64_t now_us)
{
	record_count(w->setup.stats, RECORD_WRITE_ERRORS, 1);
	record_set(w->setup.stats, RECORD_WRITING_FAILS, 1);
	record_set(w->setup.stats, RECORD_WAITING, (int64_t)w->count);
	w->retry_at_us = now_us + RETRY_US;
	if (!w->is_failing || now_us >= w->remind_at_us) {
		w->remind_at_us = now_us + REMIND_US;
		log_line(LOG_LEVEL_ERROR,
		         "cannot write the evidence log in %s: %s; %zu %s, gates go on, "
		         "their events are lost once the rings are full",
		         w->setup.log_directory, err_text(code), w->count,
		         plural(w->count, "entry waits", "entries wait"));
	}
	w->is_failing = true;
}

static void end_failing(struct record_writer *w)
{
	if (!w->is_failing)
		return;
	w->is_failing = false;
	record_set(w->setup.stats, RECORD_WRITING_FAILS, 0);
	log_line(LOG_LEVEL_NOTICE, "the evidence log in %s is written again",
	         w->setup.log_directory);
}

static void add_to_index(struct record_writer *w, uint64_t first, const struct view *entries)
{
	int code = w->index ? index_add(w->index, first, entries, w->count) : OK;
	if (code < 0)
		index_fails(w, "write", code);
}

static int append(struct record_writer *w)
{
	cleanup(free) struct view *entries = reallocarray(NULL, w->count, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	size_t from = 0;
	for (size_t i = 0; i < w->count; i++) {
		entries[i] = view_of(w->bytes.bytes + from, w->ends[i] - from);
		from = w->ends[i];
	}
	uint64_t first;
	int code = log_append(w->log, entries, w->count, &first);
	if (code == OK)
		add_to_index(w, first, entries);
	return code;
}

/* After anything but a full disk the log wants to be opened again. */
static int reopen(struct record_writer *w)
{
	if (w->log)
		log_close(w->log);
	w->log = NULL;
	return open_log(w);
}

int record_writer_commit(struct record_writer *w, int64_t now_us)
{
	if (w->count == 0 || (w->is_failing && now_us < w->retry_at_us))
		return OK;
	int code = w->log ? OK : reopen(w);
	if (code == OK)
		code = append(w);
	if (code < 0 && code != -ENOSPC && code != -EDQUOT && w->log) {
		code = reopen(w);
		if (code == OK)
			code = append(w);
	}
	if (code < 0) {
		begin_failing(w, code, now_us);
		return code;
	}
	end_failing(w);
	w->count = w->dropped = 0;
	w->bytes.size = 0;
	record_set(w->setup.stats, RECORD_WAITING, 0);
	publish(w, now_us);
	return OK;
}

int record_writer_checkpoint(struct record_writer *w, int64_t now_us)
{
	if (!w->log)
		return ERR_MISSING;
	int code = log_checkpoint(w->log);
	if (code < 0) {
		record_count(w->setup.stats, RECORD_WRITE_ERRORS, 1);
		log_line(LOG_LEVEL_ERROR, "cannot sign a checkpoint in %s: %s",
		         w->setup.log_directory, err_text(code));
		return code;
	}
	publish(w, now_us);
	if (!w->index)
		open_index(w);
	return OK;
}
