/* sqlite_vfs.h - how SQLite gets at a database of a scanned machine: by descriptors that are open already.
 *
 * What:    nothing is opened, made, locked, written or deleted, whatever SQLite asks for. The database's name says which
 *          descriptors those are, of the database and of the log beside it (-wal); -1: there is no log.
 * Owns:    nothing; descriptors stay the caller's.
 * Threads: one.
 * Source:  sqlite.org/vfs.html; sqlite.org/wal.html, "Use of WAL Without Shared-Memory". */
#pragma once

#include "base/err.h"

enum { SQLITE_VFS_NAME_MAX = 32 };

/* Its name for SQLite; NULL: it could not be had. */
const char *sqlite_vfs_use(void);
void sqlite_vfs_name(int database, int log, char ret[static SQLITE_VFS_NAME_MAX]);
