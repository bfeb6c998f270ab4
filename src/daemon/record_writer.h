/* record_writer.h - entries on their way to the disk: collected, committed as a group, then indexed.
 *
 * What:    an entry is acknowledged once record_writer_commit() has returned OK with it. While the disk
 *          does not take entries they wait here, and the caller stops making new ones
 *          (record_writer_is_failing()), so what waits is bounded by what the caller does in one turn.
 *          The index is only a copy: its failures are counted and it is caught up later.
 * Fails:   as log.h. The first failure and the end of failing are logged, and a reminder each minute. */
#pragma once

#include "daemon/record_stats.h"
#include "record/log.h"
#include "record/store.h"

struct record_writer;

struct record_writer_setup {
	const char *log_directory, *index_file;
	const struct note_signer *signer; /* borrowed */
	uint64_t checkpoint_entries;
	struct record_stats *stats;
};

/* Opens or makes the log; ERR_* of log.h when what is there does not hold. */
int record_writer_open(const struct record_writer_setup *setup,
                       struct record_writer **ret) must_check;
void record_writer_close(struct record_writer *w);
/* Of the newest entry when it was opened; TIME_MIN when there was none. */
int64_t record_writer_newest_us(const struct record_writer *w);
DEFINE_CLEANUP(record_writer, struct record_writer *, record_writer_close);

/* Write one entry into the empty buffer, then call record_writer_end() with what that said. It tells whether the entry
 * waits now: one that failed, or for which there was no memory, is logged and counted as lost. */
struct buffer *record_writer_begin(struct record_writer *w);
bool record_writer_end(struct record_writer *w, int code);
size_t record_writer_waiting(const struct record_writer *w);
/* Leaves the first `count` of those that wait. Not after a failed commit: failing ends when they are written. */
void record_writer_cut(struct record_writer *w, size_t count);
bool record_writer_is_failing(const struct record_writer *w);

/* Asks the index for all such rows; ERR_MISSING while there is none. What is not committed is not in it. */
int record_writer_query(struct record_writer *w, const struct store_query *query,
                        store_row_fn *each, void *context) must_check;

int record_writer_commit(struct record_writer *w, int64_t now_us) must_check;
/* Nothing to do when no entry is new. */
int record_writer_checkpoint(struct record_writer *w, int64_t now_us) must_check;
