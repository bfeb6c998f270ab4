/* find_database.h - a finder's way into a database of SQLite: with what stands in the log beside it (-wal) only, as a program
 * that has it open leaves it.
 *
 * What:    both are read where they lie. Nothing is locked: what a program changed while they were read is told.
 * Limits:  FIND_LOG_MAX bytes of log; a larger one, and one that cannot be read, is told, and the database read without it. */
#pragma once

#include <sys/stat.h>

#include "scan/scan.h"
#include "scan/sqlite_file.h"

enum { FIND_LOG_MAX = 256 << 20, FIND_LOG_HEAD = 32 };

/* What is another when a database was changed. */
struct find_database_state {
	struct stat database;
	uint8_t head[FIND_LOG_HEAD]; /* of the log: it begins anew */
};

struct find_database {
	struct sqlite_file file;
	int fd, log;
	struct find_database_state before;
};

/* False: it could not be opened, which is told. */
bool find_database_open(struct scan *s, const struct scan_file *f, struct find_database *ret);
/* `code` is what reading it came to: told when it is a failure that is no finder's own. */
void find_database_close(struct scan *s, const struct scan_file *f, struct find_database *d,
                         int code);
