#include "record/index.h"

#include <errno.h>

#include "record/entry.h"

enum { BATCH = 1024 /* entries a transaction when catching up */ };

struct index {
	struct store *store;
	struct arena arena; /* of one entry */
	const char *problem;
};

int index_open(const struct store_backend *backend, const char *where, struct index **ret)
{
	struct index *index = calloc(1, sizeof(*index));
	if (!index)
		return -ENOMEM;
	int err = backend->open(where, &index->store);
	if (err < 0) {
		free(index);
		return err;
	}
	*ret = index;
	return OK;
}

void index_close(struct index *index)
{
	if (!index)
		return;
	index->store->backend->close(index->store);
	arena_done(&index->arena);
	free(index);
}

static int add_one(struct index *index, uint64_t seq, struct view bytes)
{
	struct entry entry;
	struct event event;
	int err = entry_parse(bytes, &entry, &index->problem);
	if (err < 0)
		return err;
	struct store_row row = {
		.seq = seq, .time_us = entry.time_us, .kind = entry.kind, .entry = bytes};
	arena_done(&index->arena);
	arena_init(&index->arena, 0);
	if (entry.kind == ENTRY_EVENT) {
		err = event_read(&entry, &index->arena, &event);
		if (err < 0 || index->arena.failed)
			return err < 0 ? err : -ENOMEM;
		row.event = &event;
	}
	return index->store->backend->add(index->store, &row);
}

/* Ends the transaction either way. */
static int end(struct index *index, int err)
{
	struct store *s = index->store;
	if (err == OK)
		err = s->backend->commit(s);
	if (err < 0)
		s->backend->abort(s);
	return err;
}

int index_add(struct index *index, uint64_t first, const struct view *entries, size_t count)
{
	struct store *s = index->store;
	uint64_t next;
	index->problem = NULL;
	int err = s->backend->begin(s);
	if (err < 0)
		return err;
	err = s->backend->next(s, &next);
	if (err == OK && next != first) {
		index->problem = "entries do not follow those that the index has";
		err = ERR_INVALID;
	}
	for (size_t i = 0; err == OK && i < count; i++)
		err = add_one(index, first + i, entries[i]);
	return end(index, err);
}

static int catch_up_entry(void *context, uint64_t seq, struct view entry)
{
	struct index *index = context;
	struct store *s = index->store;
	int err = add_one(index, seq, entry);
	if (err == OK && (seq + 1) % BATCH == 0) {
		err = s->backend->commit(s);
		if (err == OK)
			err = s->backend->begin(s);
	}
	return err;
}

int index_catch_up(struct index *index, struct log_reader *reader)
{
	struct store *s = index->store;
	uint64_t next;
	index->problem = NULL;
	int err = s->backend->begin(s);
	if (err < 0)
		return err;
	err = s->backend->next(s, &next);
	if (err == OK)
		err = log_reader_walk(reader, next, true, catch_up_entry, index);
	return end(index, err);
}

int index_query(struct index *index, const struct store_query *query, store_row_fn *each,
                void *context)
{
	index->problem = NULL;
	return index->store->backend->query(index->store, query, each, context);
}

struct page {
	store_row_fn *each;
	void *context;
	int64_t last_seq;
	size_t rows;
};

static int pass(void *context, const struct store_row *row)
{
	struct page *p = context;
	p->last_seq = (int64_t)row->seq;
	p->rows++;
	return p->each(p->context, row);
}

int index_query_all(struct index *index, const struct store_query *query, store_row_fn *each,
                    void *context)
{
	struct page page = {.each = each, .context = context, .last_seq = query->after_seq};
	struct store_query q = *query;
	int code;
	q.limit = 0;
	q.newest_first = false;
	do {
		q.after_seq = page.last_seq;
		page.rows = 0;
		code = index_query(index, &q, pass, &page);
	} while (code == OK && page.rows == STORE_LIMIT_MAX);
	return code;
}

const char *index_problem(struct index *index)
{
	return index->problem ? index->problem : index->store->backend->problem(index->store);
}
