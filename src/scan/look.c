/* The part of scan.h that finders use: opening and reading what they look at, and what they say of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scan/content.h"
#include "scan/link.h"
#include "scan/scan_private.h"
#include "source/file.h"

enum { LOOKERS_MAX = 16, MEMORY_FIRST = 64 * 1024 };

static const char too_large[] = "larger than is read of such a file";

static struct scan_coverage *coverage_of(struct scan *s)
{
	return &s->coverage[s->current];
}

/* Without what a terminal would obey. */
static void keep_example(struct scan *s, const char *path, const char *why)
{
	char *to = s->examples[s->current];
	size_t at = 0;
	if (*to)
		return;
	for (; *path && at < SCAN_EXAMPLE_SIZE - 60; path++)
		to[at++] = (char)((uint8_t)*path < ' ' || *path == 0x7f ? '?' : *path);
	(void)snprintf(to + at, SCAN_EXAMPLE_SIZE - at, ": %s", why);
}

void scan_not_understood(struct scan *s, const struct scan_file *f, const char *why)
{
	coverage_of(s)->not_understood++;
	keep_example(s, f->path, why);
}

void scan_unread(struct scan *s, const char *path, const char *why)
{
	struct scan_coverage *c = coverage_of(s);
	/* what is not understood has given way as the example */
	if (c->unread++ == 0)
		s->examples[s->current][0] = '\0';
	keep_example(s, path, why);
	if (s->unread_count == SCAN_UNREAD_MAX)
		return;
	struct scan_unread row = {arena_text(&s->texts, view_text(path)),
	                          arena_text(&s->texts, view_text(why))};
	if (row.path && row.why)
		s->unread[s->unread_count++] = row;
}

void scan_tell_resolver(struct scan *s, const struct scan_file *f, const char *format, ...)
{
	char what[SCAN_TEXT_MAX];
	va_list args;
	if (s->resolver_count == SCAN_RESOLVERS_MAX) {
		scan_unread(s, f->path, "more resolvers than are told");
		return;
	}
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	struct scan_resolver row = {arena_text(&s->texts, view_text(f->path)),
	                            arena_text(&s->texts, view_text(what))};
	if (row.path && row.what)
		s->resolvers[s->resolver_count++] = row;
}

int scan_open(struct scan *s, const struct scan_file *f)
{
	uint64_t size;
	int fd = scan_content_descriptor(f, &size);
	if (fd >= 0)
		coverage_of(s)->bytes += size;
	else
		scan_unread(s, f->path, fd == ERR_LIMIT ? too_large : err_text(fd));
	return fd;
}

static int make_room(struct scan *s, size_t size)
{
	size_t capacity = s->memory.capacity ? s->memory.capacity : MEMORY_FIRST;
	if (size <= s->memory.capacity)
		return OK;
	while (capacity < size)
		capacity *= 2;
	uint8_t *bytes = malloc(capacity);
	if (!bytes)
		return -ENOMEM;
	/* what it held is wiped already */
	free(s->memory.bytes);
	s->memory.bytes = bytes;
	s->memory.capacity = capacity;
	return OK;
}

/* The file's bytes, as many as it had when it was opened. */
static int read_bytes(struct scan *s, int fd, size_t size, size_t *ret)
{
	int code = make_room(s, size);
	if (code < 0)
		return code;
	ssize_t got = file_fill(fd, s->memory.bytes, size);
	if (got < 0) {
		explicit_bzero(s->memory.bytes, size);
		return (int)got;
	}
	*ret = (size_t)got;
	return OK;
}

void scan_look(struct scan *s, const struct finder *finder, struct scan_file *f)
{
	s->current = (unsigned)(finder - finders);
	coverage_of(s)->looked_at++;
	coverage_of(s)->bytes += f->bytes.size;
	f->line = 0;
	finder->look(s, f);
}

/* What lies in an image; a file of a folder may shrink meanwhile. */
static int read_content(struct scan *s, const struct scan_content *c, size_t *ret)
{
	size_t size = (size_t)c->bytes.size;
	if (c->fd >= 0)
		return read_bytes(s, c->fd, size, ret);
	int code = make_room(s, size);
	if (code == OK)
		code = byte_source_read(&c->bytes, 0, s->memory.bytes, size);
	if (code == OK)
		*ret = size;
	else if (code != -ENOMEM)
		explicit_bzero(s->memory.bytes, size);
	return code;
}

/* Whether one of them reads files of that size; who does not says so. */
static bool is_read(struct scan *s, const struct scan_file *f, uint64_t size,
                    const unsigned *lookers, size_t count)
{
	bool is_any = false;
	for (size_t i = 0; i < count; i++) {
		bool is_own = size <= finders[lookers[i]].size_max;
		s->current = lookers[i];
		if (!is_own)
			scan_unread(s, f->path, too_large);
		is_any |= is_own;
	}
	return is_any;
}

static void look_at_content(struct scan *s, struct scan_file *f, const struct scan_content *c,
                            const unsigned *lookers, size_t count)
{
	size_t size = 0;
	int code = read_content(s, c, &size);
	if (code < 0) {
		scan_unread(s, f->path, err_text(code));
		return;
	}
	f->bytes = view_of(s->memory.bytes, size);
	for (size_t i = 0; i < count && s->error == OK; i++) {
		if (c->bytes.size <= finders[lookers[i]].size_max)
			scan_look(s, &finders[lookers[i]], f);
	}
	if (size)
		explicit_bzero(s->memory.bytes, size);
	f->bytes = (struct view){0};
}

/* One reading for all of these finders. */
static void look_at_bytes(struct scan *s, struct scan_file *f, const unsigned *lookers,
                          size_t count)
{
	struct scan_content c;
	s->current = lookers[0];
	int code = scan_content_open(f, &c);
	if (code < 0) {
		scan_unread(s, f->path, err_text(code));
		return;
	}
	if (is_read(s, f, c.bytes.size, lookers, count))
		look_at_content(s, f, &c, lookers, count);
	scan_content_close(&c);
}

void scan_visit(struct scan *s, struct scan_file *f)
{
	unsigned found[LOOKERS_MAX], readers[LOOKERS_MAX];
	size_t count = scan_patterns_find(&s->patterns, f->path, f->is_folder, f->home, found,
	                                  LOOKERS_MAX);
	size_t reader_count = 0;
	unsigned before = s->current;
	for (size_t i = 0; i < count && s->error == OK; i++) {
		if (finders[found[i]].input == FINDER_BYTES && !f->is_folder)
			readers[reader_count++] = found[i];
		else
			scan_look(s, &finders[found[i]], f);
	}
	if (reader_count && s->error == OK)
		look_at_bytes(s, f, readers, reader_count);
	s->current = before;
}

static bool has(const unsigned *numbers, size_t count, unsigned number)
{
	for (size_t i = 0; i < count; i++) {
		if (numbers[i] == number)
			return true;
	}
	return false;
}

/* Of those the ones that read whole files and do not look at that path. */
static size_t keep_readers(struct scan *s, const char *real, unsigned *numbers, size_t count)
{
	unsigned there[LOOKERS_MAX];
	size_t kept = 0;
	size_t there_count = scan_patterns_find(
		&s->patterns, real, false, scan_homes_find(&s->homes, real), there, LOOKERS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (!has(there, there_count, numbers[i]))
			numbers[kept++] = numbers[i];
	}
	return kept;
}

static void look_at_linked(struct scan *s, struct scan_file *f, const char *real,
                           const unsigned *lookers, size_t count)
{
	struct stat st;
	int fd = scan_root_open_path(&s->root, real, &st);
	if (fd == ERR_DENIED || fd == -ENOENT)
		return; /* no file, or gone */
	if (fd < 0) {
		scan_unread(s, f->path, err_text(fd));
		return;
	}
	struct scan_content c = {.fd = fd, .bytes = byte_source_of_sized(fd, (uint64_t)st.st_size)};
	if (is_read(s, f, c.bytes.size, lookers, count))
		look_at_content(s, f, &c, lookers, count);
	scan_content_close(&c);
}

void scan_visit_link(struct scan *s, struct scan_file *f)
{
	unsigned found[LOOKERS_MAX];
	char real[PATH_MAX];
	const char *why = NULL;
	unsigned before = s->current;
	size_t all = scan_patterns_find(&s->patterns, f->path, false, f->home, found, LOOKERS_MAX);
	size_t count = 0;
	for (size_t i = 0; i < all; i++) {
		if (finders[found[i]].input == FINDER_BYTES)
			found[count++] = found[i];
	}
	if (count == 0)
		return;
	s->current = found[0];
	int code = scan_link_resolve(&s->root, f->path, real, &why);
	if (code == ERR_DENIED && why)
		scan_unread(s, f->path, why);
	else if (code == -EACCES)
		scan_unread(s, f->path, err_text(code));
	count = code == OK ? keep_readers(s, real, found, count) : 0;
	if (count)
		look_at_linked(s, f, real, found, count);
	s->current = before;
}

void scan_read_path(struct scan *s, const char *path)
{
	struct stat st;
	size_t size = 0;
	const struct finder *own = &finders[s->current];
	const char *slash = strrchr(path, '/');
	struct scan_file f = {.path = path, .name = slash ? slash + 1 : path, .folder = -1};
	cleanup(fd) int fd = scan_root_open_path(&s->root, path, &st);
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP || fd == ERR_DENIED)
		return;
	int code = fd < 0 ? fd : (uint64_t)st.st_size > own->size_max ? ERR_LIMIT : OK;
	if (code == OK)
		code = read_bytes(s, fd, (size_t)st.st_size, &size);
	if (code < 0) {
		scan_unread(s, path, err_text(code));
		return;
	}
	f.bytes = view_of(s->memory.bytes, size);
	scan_look(s, own, &f);
	explicit_bzero(s->memory.bytes, size);
}
