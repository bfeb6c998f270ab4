/* The database of rpm since 4.16: SQLite, a header a row. Older forms (Berkeley DB, ndb) are told as not understood. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>

#include "scan/find.h"
#include "scan/meet.h"
#include "scan/rpm_header.h"

enum { STEPS = 1000, STEPS_MAX = 2000000, HEADER_MAX = 32 << 20 };

struct work {
	int steps;
};

/* A hostile file must not keep SQLite busy for ever. */
static int count_steps(void *context)
{
	struct work *w = context;
	return ++w->steps > STEPS_MAX;
}

static int open_quietly(const char *path, int flags, int mode)
{
	int fd = open(path, flags | O_NOATIME, mode);
	return fd < 0 && errno == EPERM ? open(path, flags, mode) : fd;
}

/* SQLite opens files by this. */
static void keep_access_times(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	if (vfs && vfs->iVersion >= 3)
		(void)vfs->xSetSystemCall(vfs, "open", (sqlite3_syscall_ptr)open_quietly);
}

/* By its descriptor, as something that never changes: no lock, no journal, nothing written. */
static int open_database(int fd, struct work *w, sqlite3 **ret)
{
	char uri[64];
	sqlite3 *db = NULL;
	(void)snprintf(uri, sizeof(uri), "file:/proc/self/fd/%d?mode=ro&immutable=1", fd);
	int r = sqlite3_open_v2(uri, &db,
	                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	if (r == SQLITE_OK) {
		(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		(void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, HEADER_MAX);
		sqlite3_progress_handler(db, STEPS, count_steps, w);
		*ret = db;
	} else {
		sqlite3_close(db);
	}
	return r;
}

static void read_rows(struct scan *s, struct scan_file *f, sqlite3_stmt *rows)
{
	struct rpm_header h;
	int r;
	while ((r = sqlite3_step(rows)) == SQLITE_ROW) {
		const void *blob = sqlite3_column_blob(rows, 0);
		struct view header = view_of(blob, (size_t)sqlite3_column_bytes(rows, 0));
		if (rpm_header_parse(header, &h) == OK)
			(void)scan_meet_package(s, f, "rpm", h.name, h.version);
		else
			scan_not_understood(s, f, "a row that is no header of a package");
	}
	if (r != SQLITE_DONE)
		scan_unread(s, f->path, sqlite3_errstr(r));
}

static void read_database(struct scan *s, struct scan_file *f, int fd)
{
	struct work work = {0};
	sqlite3 *db = NULL;
	sqlite3_stmt *rows = NULL;
	(void)sqlite3_soft_heap_limit64(64 << 20);
	keep_access_times();
	int r = open_database(fd, &work, &db);
	if (r == SQLITE_OK)
		r = sqlite3_prepare_v2(db, "SELECT blob FROM Packages", -1, &rows, NULL);
	if (r == SQLITE_OK)
		read_rows(s, f, rows);
	else
		scan_unread(s, f->path, sqlite3_errstr(r));
	sqlite3_finalize(rows);
	sqlite3_close(db);
}

void find_rpm(struct scan *s, struct scan_file *f)
{
	if (!strstr(f->name, ".sqlite")) {
		scan_unread(s, f->path, "a database of rpm in an older form, which is not read");
		return;
	}
	cleanup(fd) int fd = scan_open(s, f);
	if (fd >= 0)
		read_database(s, f, fd);
}
