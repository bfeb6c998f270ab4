#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/timestamp.h"
#include "record/store.h"

enum { BUSY_TIMEOUT_MS = 5000, FIXED_COLUMNS = 4 };

struct sqlite {
	struct store store;
	sqlite3 *database;
	sqlite3_stmt *add;
};

static int code_of(int result)
{
	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW: return OK;
	case SQLITE_NOMEM: return -ENOMEM;
	case SQLITE_FULL: return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return -EBUSY;
	case SQLITE_CANTOPEN: return -ENOENT;
	default: return ERR_INVALID;
	}
}

static int run(struct sqlite *s, const char *sql)
{
	return code_of(sqlite3_exec(s->database, sql, NULL, NULL, NULL));
}

/* The table and its indexes, from event_fields[]. Only the entries that have a value are indexed. */
static void write_schema(struct buffer *sql)
{
	buffer_add_text(sql,
	                "CREATE TABLE entries (seq INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, "
	                "kind TEXT NOT NULL, entry TEXT NOT NULL");
	for (size_t i = 0; i < EVENT_FIELD_COUNT; i++)
		buffer_printf(sql, ", %s %s", event_fields[i].column,
		              event_fields[i].type == EVENT_TEXT ? "TEXT" : "INTEGER");
	buffer_add_text(sql, ") STRICT; CREATE INDEX entries_time ON entries(time_us);");
	for (size_t i = 0; i < EVENT_FIELD_COUNT; i++) {
		const char *column = event_fields[i].column;
		if (event_fields[i].filterable)
			buffer_printf(
				sql,
				" CREATE INDEX entries_%s ON entries(%s, seq) WHERE %s NOT NULL;",
				column, column, column);
	}
	buffer_add(sql, "", 1);
}

/* The one number that the statement gives. */
static int read_number(struct sqlite *s, const char *sql, int64_t *ret)
{
	sqlite3_stmt *statement;
	int result = sqlite3_prepare_v2(s->database, sql, -1, &statement, NULL);
	if (result != SQLITE_OK)
		return code_of(result);
	result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		*ret = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return code_of(result);
}

/* The version is a hash of the schema: a table made by another one is dropped and filled again. */
static int create(struct sqlite *s)
{
	struct buffer sql = {0}, version_sql = {0};
	int64_t have = 0;
	write_schema(&sql);
	int want = (int)(hash_bytes(sql.bytes, sql.size, 0) & 0x7fffffff) | 1;
	buffer_printf(&version_sql, "PRAGMA user_version = %d", want);
	buffer_add(&version_sql, "", 1);
	int err = sql.failed || version_sql.failed ? -ENOMEM : run(s, "BEGIN IMMEDIATE");
	if (err == OK)
		err = read_number(s, "PRAGMA user_version", &have);
	if (err == OK && have != want) {
		err = run(s, "DROP TABLE IF EXISTS entries");
		if (err == OK)
			err = run(s, (const char *)sql.bytes);
		if (err == OK)
			err = run(s, (const char *)version_sql.bytes);
	}
	if (err == OK)
		err = run(s, "COMMIT");
	if (err < 0)
		(void)run(s, "ROLLBACK");
	buffer_done(&sql);
	buffer_done(&version_sql);
	return err;
}

static int prepare_add(struct sqlite *s)
{
	struct buffer sql = {0};
	buffer_add_text(&sql, "INSERT INTO entries VALUES (?,?,?,?");
	for (size_t i = 0; i < EVENT_FIELD_COUNT; i++)
		buffer_add_text(&sql, ",?");
	buffer_add_text(&sql, ")");
	int err = sql.failed ? -ENOMEM
	                     : code_of(sqlite3_prepare_v3(s->database, (const char *)sql.bytes,
	                                                  (int)sql.size, SQLITE_PREPARE_PERSISTENT,
	                                                  &s->add, NULL));
	buffer_done(&sql);
	return err;
}

static void sqlite_close_store(struct store *store)
{
	struct sqlite *s = (struct sqlite *)store;
	sqlite3_finalize(s->add);
	sqlite3_close(s->database);
	free(s);
}

static int sqlite_open_store(const char *where, struct store **ret)
{
	struct sqlite *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->store.backend = &store_sqlite;
	int err = code_of(sqlite3_open_v2(
		where, &s->database,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
	if (err == OK) {
		sqlite3_busy_timeout(s->database, BUSY_TIMEOUT_MS);
		/* the log is what must last: the index may lose its last rows in a power loss */
		err = run(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
		             "PRAGMA trusted_schema = OFF");
	}
	if (err == OK)
		err = create(s);
	if (err == OK)
		err = prepare_add(s);
	if (err < 0) {
		sqlite_close_store(&s->store);
		return err;
	}
	*ret = &s->store;
	return OK;
}

static int sqlite_begin(struct store *store)
{
	return run((struct sqlite *)store, "BEGIN IMMEDIATE");
}

static int sqlite_commit(struct store *store)
{
	return run((struct sqlite *)store, "COMMIT");
}

static void sqlite_abort(struct store *store)
{
	struct sqlite *s = (struct sqlite *)store;
	if (!sqlite3_get_autocommit(s->database))
		(void)run(s, "ROLLBACK");
}

static void bind_field(sqlite3_stmt *add, int at, const struct event_field *field,
                       const struct event *event)
{
	if (field->type == EVENT_AMOUNT && event_field_int(field, event) == 0)
		return; /* nothing bound is NULL */
	if (field->type != EVENT_TEXT)
		sqlite3_bind_int64(add, at, event_field_int(field, event));
	else
		/* NULL text binds NULL */
		sqlite3_bind_text(add, at, event_field_text(field, event), -1, SQLITE_STATIC);
}

static int sqlite_add(struct store *store, const struct store_row *row)
{
	struct sqlite *s = (struct sqlite *)store;
	sqlite3_bind_int64(s->add, 1, (int64_t)row->seq);
	sqlite3_bind_int64(s->add, 2, row->time_us);
	sqlite3_bind_text(s->add, 3, entry_kinds[row->kind].name, -1, SQLITE_STATIC);
	sqlite3_bind_text(s->add, 4, (const char *)row->entry.bytes, (int)row->entry.size,
	                  SQLITE_STATIC);
	for (int i = 0; row->event && i < EVENT_FIELD_COUNT; i++)
		bind_field(s->add, FIXED_COLUMNS + 1 + i, &event_fields[i], row->event);
	int result = sqlite3_step(s->add);
	sqlite3_reset(s->add);
	sqlite3_clear_bindings(s->add);
	return code_of(result);
}

static int sqlite_next(struct store *store, uint64_t *ret)
{
	struct sqlite *s = (struct sqlite *)store;
	int64_t next = 0;
	int err = read_number(s, "SELECT coalesce(max(seq) + 1, 0) FROM entries", &next);
	if (err == OK)
		*ret = (uint64_t)next;
	return err;
}

/* Only column names of event_fields[] become part of the text; all values are bound. */
static void write_query(const struct store_query *q, struct buffer *sql)
{
	buffer_add_text(sql, "SELECT seq, time_us, kind, entry FROM entries "
	                     "WHERE time_us >= ?1 AND time_us < ?2 AND seq > ?3");
	if (q->kind)
		buffer_add_text(sql, " AND kind = ?4");
	for (size_t i = 0; i < q->filter_count; i++) {
		const char *column = q->filters[i].field->column;
		unsigned at = 5 + (unsigned)i;
		if (strcmp(q->filters[i].field->key, "name") == 0)
			buffer_printf(
				sql,
				" AND (name = ?%u OR substr(name, -length(?%u) - 1) = '.' || ?%u)",
				at, at, at);
		else if (strcmp(q->filters[i].field->key, "subject") == 0)
			/* hexadecimal: what begins so sorts before the same and a letter beyond f */
			buffer_printf(sql, " AND subject >= ?%u AND subject < ?%u || 'g'", at, at);
		else
			buffer_printf(sql, " AND %s = ?%u", column, at);
	}
	buffer_printf(sql, " ORDER BY seq%s LIMIT %u", q->newest_first ? " DESC" : "",
	              q->limit == 0 || q->limit > STORE_LIMIT_MAX ? STORE_LIMIT_MAX : q->limit);
}

static void bind_query(sqlite3_stmt *statement, const struct store_query *q)
{
	sqlite3_bind_int64(statement, 1, q->since_us);
	sqlite3_bind_int64(statement, 2, q->until_us);
	sqlite3_bind_int64(statement, 3, q->after_seq);
	if (q->kind)
		sqlite3_bind_text(statement, 4, q->kind, -1, SQLITE_STATIC);
	for (size_t i = 0; i < q->filter_count; i++)
		sqlite3_bind_text(statement, 5 + (int)i, (const char *)q->filters[i].value.bytes,
		                  (int)q->filters[i].value.size, SQLITE_STATIC);
}

static int give_row(sqlite3_stmt *statement, store_row_fn *each, void *context)
{
	const struct entry_kind_row *kind =
		entry_kind_find(view_text((const char *)sqlite3_column_text(statement, 2)));
	const void *entry = sqlite3_column_text(statement, 3);
	if (!kind || !entry)
		return ERR_INVALID;
	struct store_row row = {.seq = (uint64_t)sqlite3_column_int64(statement, 0),
	                        .time_us = sqlite3_column_int64(statement, 1),
	                        .kind = kind->kind,
	                        .entry =
	                                view_of(entry, (size_t)sqlite3_column_bytes(statement, 3))};
	return each(context, &row);
}

static int sqlite_query(struct store *store, const struct store_query *query, store_row_fn *each,
                        void *context)
{
	struct sqlite *s = (struct sqlite *)store;
	struct buffer sql = {0};
	sqlite3_stmt *statement = NULL;
	for (size_t i = 0; i < query->filter_count; i++) {
		if (!query->filters[i].field->filterable)
			return ERR_DENIED;
	}
	write_query(query, &sql);
	int err = sql.failed ? -ENOMEM
	                     : code_of(sqlite3_prepare_v2(s->database, (const char *)sql.bytes,
	                                                  (int)sql.size, &statement, NULL));
	buffer_done(&sql);
	if (err < 0)
		return err;
	bind_query(statement, query);
	int result = sqlite3_step(statement);
	for (; err == OK && result == SQLITE_ROW;
	     result = err == OK ? sqlite3_step(statement) : result)
		err = give_row(statement, each, context);
	sqlite3_finalize(statement);
	return err != OK ? err : code_of(result);
}

static const char *sqlite_problem(struct store *store)
{
	return sqlite3_errmsg(((struct sqlite *)store)->database);
}

const struct store_backend store_sqlite = {
	.name = "sqlite",
	.open = sqlite_open_store,
	.close = sqlite_close_store,
	.begin = sqlite_begin,
	.add = sqlite_add,
	.commit = sqlite_commit,
	.abort = sqlite_abort,
	.next = sqlite_next,
	.query = sqlite_query,
	.problem = sqlite_problem,
};
