#include "scan/archive_member.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "net/library.h"
#include "scan/wiped.h"

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
enum { BLOCK = 64 * 1024, STEP = 4096 };

static int read_data(const struct functions *l, struct archive *a, struct buffer *ret)
{
	const size_t room = ARCHIVE_MEMBER_SIZE_MAX + STEP;
	uint8_t *bytes = buffer_space(ret, room);
	size_t size = 0;
	la_ssize_t got = 1;
	if (!bytes)
		return ERR_LIMIT;
	while (got > 0 && size <= ARCHIVE_MEMBER_SIZE_MAX) {
		got = l->data(a, bytes + size, STEP);
		size += got > 0 ? (size_t)got : 0;
	}
	/* who fails may have written before it did */
	if (got < 0)
		explicit_bzero(bytes + size, STEP);
	ret->size -= room - size;
	return got < 0 ? ERR_MISSING : got > 0 ? ERR_LIMIT : OK;
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
	wiped_begin();
	struct archive *a = l.new();
	int code = a ? ERR_MISSING : ERR_LIMIT;
	if (a && l.support_zip(a) == ARCHIVE_OK && l.open_fd(a, fd, BLOCK) == ARCHIVE_OK)
		code = find(&l, a, name, ret);
	(void)l.release(a);
	wiped_end();
	return code;
}

void archive_member_done(struct buffer *b)
{
	if (b->size)
		explicit_bzero(b->bytes, b->size);
	buffer_done(b);
}
