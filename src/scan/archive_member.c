#include "scan/archive_member.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "net/library.h"

/* The types are libarchive's own. */
struct functions {
	__typeof__(&archive_read_new) new;
	__typeof__(&archive_read_free) release;
	__typeof__(&archive_read_support_format_zip_seekable) support_zip;
	__typeof__(&archive_read_open_fd) open_fd;
	__typeof__(&archive_read_next_header) next;
	__typeof__(&archive_read_data) data;
	__typeof__(&archive_entry_pathname) name;
};

static const struct library_symbol symbols[] = {
	{"archive_read_new", offsetof(struct functions, new)},
	{"archive_read_free", offsetof(struct functions, release)},
	{"archive_read_support_format_zip_seekable", offsetof(struct functions, support_zip)},
	{"archive_read_open_fd", offsetof(struct functions, open_fd)},
	{"archive_read_next_header", offsetof(struct functions, next)},
	{"archive_read_data", offsetof(struct functions, data)},
	{"archive_entry_pathname", offsetof(struct functions, name)},
};
enum { BLOCK = 64 * 1024 };

static int read_data(const struct functions *l, struct archive *a, struct buffer *ret)
{
	size_t before = ret->size;
	for (;;) {
		uint8_t *room = buffer_space(ret, 4096);
		if (!room)
			return ERR_LIMIT;
		ret->size -= 4096;
		la_ssize_t got = l->data(a, room, 4096);
		if (got < 0)
			return ERR_MISSING;
		if (got == 0)
			return OK;
		ret->size += (size_t)got;
		if (ret->size - before > ARCHIVE_MEMBER_SIZE_MAX)
			return ERR_LIMIT;
	}
}

static int find(const struct functions *l, struct archive *a, const char *name, struct buffer *ret)
{
	struct archive_entry *entry;
	for (int i = 0; i < ARCHIVE_MEMBERS_MAX; i++) {
		if (l->next(a, &entry) != ARCHIVE_OK)
			return ERR_MISSING;
		const char *own = l->name(entry);
		if (own && strcmp(own, name) == 0)
			return read_data(l, a, ret);
	}
	return ERR_LIMIT;
}

int archive_member_read(int fd, const char *name, struct buffer *ret)
{
	struct functions l;
	if (library_open("libarchive.so.13", symbols, sizeof(symbols) / sizeof(*symbols), &l) < 0)
		return ERR_DENIED;
	struct archive *a = l.new();
	if (!a)
		return ERR_LIMIT;
	int code = ERR_MISSING;
	if (l.support_zip(a) == ARCHIVE_OK && l.open_fd(a, fd, BLOCK) == ARCHIVE_OK)
		code = find(&l, a, name, ret);
	(void)l.release(a);
	return code;
}
