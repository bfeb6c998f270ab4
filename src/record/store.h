/* store.h - what a database must do to be an index of the evidence log.
 *
 * An index holds nothing of its own: it is filled from the log and can be dropped and filled again.
 * To add a store: one file that fills a struct store_backend, run by tests/unit/record/test_index.c.
 * Fails:   -errno, ERR_INVALID when the database refuses (its problem() says why).
 * Threads: one for one store. */
#pragma once

#include "record/event_fields.h"

enum { STORE_LIMIT_MAX = 10000 };

struct store {
	const struct store_backend *backend;
};

struct store_row {
	uint64_t seq;
	int64_t time_us;
	enum entry_kind kind;
	struct view entry;         /* the canonical JSON */
	const struct event *event; /* NULL for other kinds */
};

struct store_filter {
	const struct event_field *field; /* filterable */
	struct view value;               /* of "name": the name itself or any name under it */
};

struct store_query {
	const char *kind; /* NULL: any */
	const struct store_filter *filters;
	size_t filter_count;
	int64_t since_us, until_us; /* time of entry: since <= t < until; TIME_MIN, TIME_MAX */
	int64_t after_seq;          /* rows with a greater number; -1: all */
	unsigned limit;             /* 0: STORE_LIMIT_MAX */
	bool newest_first;
};

/* Returns 0 to go on; anything else ends the query and is its result. `row->event` is NULL. */
typedef int store_row_fn(void *context, const struct store_row *row);

struct store_backend {
	const char *name;
	int (*open)(const char *where, struct store **ret);
	void (*close)(struct store *store);
	int (*begin)(struct store *store);
	int (*add)(struct store *store, const struct store_row *row);
	int (*commit)(struct store *store);
	void (*abort)(struct store *store);
	/* The number that the next row must have. */
	int (*next)(struct store *store, uint64_t *ret);
	int (*query)(struct store *store, const struct store_query *query, store_row_fn *each,
	             void *context);
	const char *(*problem)(struct store *store);
};

extern const struct store_backend store_sqlite;
