/* The database of rpm: SQLite since 4.16, ndb as SUSE has it, and Berkeley DB before; a header for each package. */
#include "scan/find.h"
#include "scan/find_database.h"
#include "scan/meet.h"
#include "scan/rpm_database.h"
#include "scan/rpm_header.h"
#include "scan/scan_private.h"

struct reading {
	struct scan *scan;
	struct scan_file *file;
};

static int on_header(void *context, struct view header)
{
	struct reading *r = context;
	struct rpm_header h;
	if (rpm_header_parse(header, &h) == OK)
		(void)scan_meet_package(r->scan, r->file, "rpm", h.name, h.version);
	else
		scan_not_understood(r->scan, r->file, "a row that is no header of a package");
	return r->scan->error;
}

static int on_row(void *context, sqlite3_stmt *row)
{
	return on_header(context, sqlite_file_value(row, 0));
}

static void read_sqlite(struct reading *r)
{
	struct find_database d;
	if (!find_database_open(r->scan, r->file, &d))
		return;
	int code = sqlite_file_each(&d.file, "SELECT blob FROM Packages", on_row, r);
	find_database_close(r->scan, r->file, &d, code);
}

static void read_older(struct reading *r)
{
	cleanup(fd) int fd = scan_open(r->scan, r->file);
	struct byte_source b = byte_source_of_file(fd);
	uint64_t damaged = 0;
	if (fd < 0)
		return;
	int code = rpm_database_read(&b, on_header, r, &damaged);
	if (code == ERR_INVALID)
		scan_not_understood(r->scan, r->file, "no database of rpm");
	else if (code < 0 && r->scan->error == OK)
		scan_unread(r->scan, r->file->path, err_text(code));
	else if (damaged)
		scan_unread(r->scan, r->file->path, "parts of it are damaged");
}

void find_rpm(struct scan *s, struct scan_file *f)
{
	struct reading r = {s, f};
	if (strstr(f->name, ".sqlite"))
		read_sqlite(&r);
	else
		read_older(&r);
}
