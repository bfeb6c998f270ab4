/* sqlite_file.h - a SQLite database of a scanned machine, read within bounds.
 *
 * What:    read by its descriptor (scan/sqlite_vfs.h): no lock, no journal, nothing made or written. SQLite's memory is overwritten when it is given back, since
 *          a database may hold keys: see sqlite_file_wipes().
 * Owns:    sqlite_file_close(). Descriptors stay the caller's, and open.
 * Fails:   an SQLite error code, positive; sqlite_file_problem() says it in words. What the callback returns when it is
 *          negative.
 * Limits:  SQLITE_FILE_VALUE_MAX a value, SQLITE_FILE_STEPS_MAX steps of SQLite's machine for all that is asked of a file,
 *          64 MiB of memory.
 * Threads: one. */
#pragma once

#include <sqlite3.h>

#include "base/err.h"
#include "base/view.h"

enum { SQLITE_FILE_VALUE_MAX = 32 << 20 };
#define SQLITE_FILE_STEPS_MAX UINT64_C(2000000000)

struct sqlite_file {
	sqlite3 *db;
	uint64_t steps;
};

/* `log` is the log beside it (-wal), whose changes are seen; -1: none. */
int sqlite_file_open(int fd, int log, struct sqlite_file *ret) must_check;
void sqlite_file_close(struct sqlite_file *f);

typedef int sqlite_file_on_row(void *context, sqlite3_stmt *row);
int sqlite_file_each(struct sqlite_file *f, const char *sql, sqlite_file_on_row *on_row,
                     void *context) must_check;
const char *sqlite_file_problem(int code);
/* A column's bytes, good until the next row. */
struct view sqlite_file_value(sqlite3_stmt *row, int column);
/* Whether memory is overwritten: not where something else in this process used SQLite first. */
bool sqlite_file_wipes(void);
