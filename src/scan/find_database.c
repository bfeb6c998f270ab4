#include "scan/find_database.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scan/byte_source.h"
#include "scan/content.h"
#include "scan/scan_private.h"

static const char ending[] = "-wal";

static void tell_log(struct scan *s, const struct scan_file *f, const char *why)
{
	char path[PATH_MAX + sizeof(ending)];
	(void)snprintf(path, sizeof(path), "%s%s", f->path, ending);
	scan_unread(s, path, why);
}

/* The entry of that name beside the file. */
static int open_beside(const struct scan_file *f, const char *name, uint64_t *ret_size)
{
	struct scan_file beside = {.path = f->path, .name = name, .folder = f->folder};
	struct scan_member member;
	if (f->member) {
		member = *f->member;
		int code = squashfs_folder_find(member.image, member.folder, name, &member.inode);
		if (code < 0)
			return code == ERR_MISSING ? -ENOENT : code;
		beside.member = &member;
	}
	return scan_content_descriptor(&beside, ret_size);
}

/* sqlite.org/fileformat2.html, s4.1: SQLite takes one that begins otherwise for none. */
static bool begins_as_log(int fd)
{
	uint8_t head[FIND_LOG_HEAD];
	struct byte_source b = byte_source_of_sized(fd, sizeof(head));
	return byte_source_read(&b, 0, head, sizeof(head)) == OK &&
	       memcmp(head, "\x37\x7f\x06", 3) == 0 && (head[3] | 1) == 0x83;
}

/* -1: there is none, or none that is read, which is told. */
static int open_log(struct scan *s, const struct scan_file *f)
{
	char name[NAME_MAX + sizeof(ending)];
	uint64_t size;
	(void)snprintf(name, sizeof(name), "%s%s", f->name, ending);
	int fd = open_beside(f, name, &size);
	if (fd == -ENOENT)
		return -1;
	if (fd < 0) {
		tell_log(s, f, err_text(fd));
		return -1;
	}
	if (size > 0 && size <= FIND_LOG_MAX && begins_as_log(fd))
		return fd;
	if (size > 0)
		tell_log(s, f,
		         size > FIND_LOG_MAX ? "a log of changes that is larger than is read"
		                             : "a log of changes that breaks its format");
	close(fd);
	return -1;
}

static struct find_database_state state_of(int fd, int log)
{
	struct find_database_state state = {0};
	if (fstat(fd, &state.database) < 0 ||
	    (log >= 0 && pread(log, state.head, sizeof(state.head), 0) < 0))
		state.database.st_size = -1;
	return state;
}

static bool is_same(const struct find_database_state *a, const struct find_database_state *b)
{
	return a->database.st_size == b->database.st_size &&
	       a->database.st_mtim.tv_sec == b->database.st_mtim.tv_sec &&
	       a->database.st_mtim.tv_nsec == b->database.st_mtim.tv_nsec &&
	       memcmp(a->head, b->head, sizeof(a->head)) == 0;
}

static void close_both(struct find_database *d)
{
	close(d->fd);
	if (d->log >= 0)
		close(d->log);
}

bool find_database_open(struct scan *s, const struct scan_file *f, struct find_database *ret)
{
	struct find_database d = {.fd = scan_open(s, f)};
	if (d.fd < 0)
		return false;
	d.log = open_log(s, f);
	d.before = state_of(d.fd, d.log);
	int code = sqlite_file_open(d.fd, d.log, &d.file);
	if (code != OK) {
		scan_unread(s, f->path, sqlite_file_problem(code));
		close_both(&d);
		return false;
	}
	*ret = d;
	return true;
}

void find_database_close(struct scan *s, const struct scan_file *f, struct find_database *d,
                         int code)
{
	struct find_database_state after = state_of(d->fd, d->log);
	sqlite_file_close(&d->file);
	close_both(d);
	if (s->error != OK)
		return;
	if (code != OK)
		scan_unread(s, f->path, sqlite_file_problem(code));
	else if (!is_same(&d->before, &after))
		scan_unread(s, f->path, "it was changed while it was read");
}
