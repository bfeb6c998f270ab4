/* index.h - keeps a store in step with the evidence log, and asks it.
 *
 * Owns:    the store behind it.
 * Fails:   as store.h; ERR_MALFORMED for an entry that is not one (entry.h); ERR_INVALID when entries
 *          do not follow each other without a gap.
 * Threads: one. Another process may read the same SQLite file with an index of its own. */
#pragma once

#include "base/cleanup.h"
#include "record/log_reader.h"
#include "record/store.h"

struct index;

int index_open(const struct store_backend *backend, const char *where,
               struct index **ret) must_check;
void index_close(struct index *index);
DEFINE_CLEANUP(index, struct index *, index_close);

/* Adds entries that log_append() has acknowledged, the first with number `first`, in one transaction. */
int index_add(struct index *index, uint64_t first, const struct view *entries,
              size_t count) must_check;
/* Adds what the log has and the store has not. */
int index_catch_up(struct index *index, struct log_reader *reader) must_check;
/* Rows in ascending order of number, or descending. To follow: call again with after_seq set to the
 * greatest number seen. */
int index_query(struct index *index, const struct store_query *query, store_row_fn *each,
                void *context) must_check;
/* The same for all rows, by as many queries as they need, in ascending order: the query's own limit and order do not
 * count. */
int index_query_all(struct index *index, const struct store_query *query, store_row_fn *each,
                    void *context) must_check;
/* Why the last call failed, for people. */
const char *index_problem(struct index *index);
