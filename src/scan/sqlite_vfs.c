#include "scan/sqlite_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512 };

struct own_file {
	sqlite3_file base;
	int fd; /* -1: empty */
};

static int close_file(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

/* What is behind the end is zeros for SQLite. */
static int read_file(sqlite3_file *f, void *to, int size, sqlite3_int64 at)
{
	int fd = ((struct own_file *)f)->fd;
	size_t got = 0, want = (size_t)size;
	while (fd >= 0 && got < want) {
		ssize_t n = pread(fd, (char *)to + got, want - got, at + (off_t)got);
		if (n < 0 && errno != EINTR)
			return SQLITE_IOERR_READ;
		if (n == 0)
			break;
		got += n > 0 ? (size_t)n : 0;
	}
	memset((char *)to + got, 0, want - got);
	return got == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int write_file(sqlite3_file *f, const void *from, int size, sqlite3_int64 at)
{
	(void)f;
	(void)from;
	(void)size;
	(void)at;
	return SQLITE_READONLY;
}

static int truncate_file(sqlite3_file *f, sqlite3_int64 size)
{
	(void)f;
	(void)size;
	return SQLITE_READONLY;
}

static int sync_file(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return SQLITE_OK;
}

static int size_file(sqlite3_file *f, sqlite3_int64 *ret)
{
	struct stat s = {0};
	int fd = ((struct own_file *)f)->fd;
	if (fd >= 0 && fstat(fd, &s) < 0)
		return SQLITE_IOERR_FSTAT;
	*ret = s.st_size;
	return SQLITE_OK;
}

static int lock_file(sqlite3_file *f, int kind)
{
	(void)f;
	(void)kind;
	return SQLITE_OK;
}

static int is_reserved(sqlite3_file *f, int *ret)
{
	(void)f;
	*ret = 0;
	return SQLITE_OK;
}

static int control_file(sqlite3_file *f, int what, void *value)
{
	(void)f;
	(void)what;
	(void)value;
	return SQLITE_NOTFOUND;
}

static int sector_of(sqlite3_file *f)
{
	(void)f;
	return SECTOR;
}

static int traits_of(sqlite3_file *f)
{
	(void)f;
	return 0;
}

/* Version 1: no shared memory, and no mapping. */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = close_file,
	.xRead = read_file,
	.xWrite = write_file,
	.xTruncate = truncate_file,
	.xSync = sync_file,
	.xFileSize = size_file,
	.xLock = lock_file,
	.xUnlock = lock_file,
	.xCheckReservedLock = is_reserved,
	.xFileControl = control_file,
	.xSectorSize = sector_of,
	.xDeviceCharacteristics = traits_of,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
	struct own_file *f = (struct own_file *)file;
	int database, log;
	(void)vfs;
	*f = (struct own_file){.fd = -1};
	if (!name || sscanf(name, "/%d.%d", &database, &log) != 2 ||
	    !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
		return SQLITE_CANTOPEN;
	*f = (struct own_file){{&methods}, flags & SQLITE_OPEN_WAL ? log : database};
	if (ret_flags)
		*ret_flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
		             SQLITE_OPEN_READONLY;
	return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int is_synced)
{
	(void)vfs;
	(void)name;
	(void)is_synced;
	return SQLITE_IOERR_DELETE;
}

/* The log is there when it has a descriptor; nothing else is. */
static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	int database, log, end = 0;
	(void)vfs;
	(void)flags;
	bool is_log = sscanf(name, "/%d.%d%n", &database, &log, &end) == 2 &&
	              strcmp(name + end, "-wal") == 0;
	*ret = is_log && log >= 0;
	return SQLITE_OK;
}

static int keep_name(sqlite3_vfs *vfs, const char *name, int size, char *to)
{
	(void)vfs;
	(void)snprintf(to, (size_t)size, "%s", name);
	return SQLITE_OK;
}

const char *sqlite_vfs_use(void)
{
	static sqlite3_vfs own;
	const sqlite3_vfs *plain = sqlite3_vfs_find(NULL);
	if (own.zName)
		return own.zName;
	if (!plain)
		return NULL;
	/* time, sleep and random numbers */
	own = *plain;
	own.pNext = NULL;
	own.zName = "scanned";
	own.szOsFile = sizeof(struct own_file);
	own.mxPathname = SQLITE_VFS_NAME_MAX;
	own.xOpen = open_file;
	own.xDelete = delete_file;
	own.xAccess = access_file;
	own.xFullPathname = keep_name;
	return sqlite3_vfs_register(&own, 0) == SQLITE_OK ? own.zName : NULL;
}

void sqlite_vfs_name(int database, int log, char ret[static SQLITE_VFS_NAME_MAX])
{
	(void)snprintf(ret, SQLITE_VFS_NAME_MAX, "/%d.%d", database, log);
}
