#include "audit/source_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW_SIZE = 4 << 20, PATIENCE_MS = 200 };

_Static_assert((int)SOURCE_COPY_SIZE <= (int)SOURCE_BLOCK_SIZE, "what is copied has room");

int source_file_open(const char *path, struct source_file *ret)
{
	struct stat s;
	bool is_input = strcmp(path, "-") == 0;
	int fd = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                  : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	int code = fstat(fd, &s) < 0 ? -errno : S_ISDIR(s.st_mode) ? -EISDIR : OK;
	if (code == OK && !is_input && fcntl(fd, F_SETFL, O_RDONLY) < 0)
		code = -errno;
	if (code < 0) {
		close(fd);
		return code;
	}
	*ret = (struct source_file){
		.fd = fd,
		.is_regular = S_ISREG(s.st_mode),
		.size = (uint64_t)s.st_size,
		.device = (uint64_t)s.st_dev,
		.inode = (uint64_t)s.st_ino,
		.modified_ns = (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec,
	};
	if (ret->is_regular && is_input && lseek(fd, 0, SEEK_CUR) > 0)
		ret->is_regular = false; /* some of it was read already: the rest is asked for */
	if (ret->is_regular) {
		off_t hole = lseek(fd, 0, SEEK_HOLE);
		ret->first_hole = hole < 0 ? ret->size : (uint64_t)hole;
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return OK;
}

void source_file_close(struct source_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void source_range_init(struct source_range *r, const struct source_file *f, uint64_t from,
                       uint64_t end)
{
	*r = (struct source_range){.file = f, .at = from, .end = end};
}

/* Where data goes on from `at` on, at the most `end`. */
static uint64_t seek(const struct source_range *r, uint64_t at, int whence)
{
	if (whence == SEEK_HOLE && at < r->file->first_hole)
		return r->file->first_hole < r->end ? r->file->first_hole : r->end;
	off_t found = lseek(r->file->fd, (off_t)at, whence);
	if (found < 0 && errno == ENXIO)
		return r->end; /* no data up to the end */
	if (found < 0)
		return whence == SEEK_HOLE ? r->end : at; /* the file system knows no holes */
	return (uint64_t)found < r->end ? (uint64_t)found : r->end;
}

/* Sets data_end, beyond holes that are skipped. */
static void find_data(struct source_range *r)
{
	while (r->at < r->end && r->data_end <= r->at) {
		uint64_t hole = seek(r, r->at, SEEK_HOLE);
		uint64_t data = hole < r->end ? seek(r, hole, SEEK_DATA) : hole;
		while (hole < r->end && data - hole < HOLE_SIZE_MIN && data < r->end) {
			hole = seek(r, data, SEEK_HOLE);
			data = hole < r->end ? seek(r, hole, SEEK_DATA) : hole;
		}
		r->data_end = data - hole < HOLE_SIZE_MIN ? data : hole;
		if (r->data_end > r->at)
			return;
		if (r->hole_bytes == 0)
			r->hole_at = r->at;
		r->hole_bytes += data - r->at;
		r->at = r->stops_at_hole ? r->end : data;
	}
}

static void count(struct source_range *r, size_t size)
{
	r->given += size;
	if (r->read)
		atomic_fetch_add_explicit(r->read, size, memory_order_relaxed);
}

static void close_window(struct source_range *r)
{
	if (!r->window.mapped)
		return;
	file_window_close(&r->window);
	r->is_cut |= r->window.is_cut;
	r->rest = (struct view){0};
}

static int open_window(struct source_range *r)
{
	close_window(r);
	find_data(r);
	uint64_t left = r->at < r->end ? r->data_end - r->at : 0;
	size_t most = WINDOW_SIZE - r->at % WINDOW_SIZE; /* up to where a large page may end */
	size_t size = left < most ? (size_t)left : most;
	if (size == 0 || r->is_cut)
		return OK;
	return file_window_open(r->file->fd, r->at, size, &r->window, &r->rest);
}

/* A block is never longer than what is read at once elsewhere: readers bound their lines by that. */
static int next_window(struct source_range *r, struct view *ret)
{
	int code = r->rest.size ? OK : open_window(r);
	if (code < 0)
		return code;
	size_t size = r->rest.size < SOURCE_BLOCK_SIZE ? r->rest.size : SOURCE_BLOCK_SIZE;
	*ret = view_of(r->rest.bytes, size);
	r->rest = view_skip(r->rest, size);
	r->at += size;
	count(r, size);
	return OK;
}

static int make_room(struct source_range *r)
{
	if (!r->block)
		r->block = malloc(SOURCE_BLOCK_SIZE);
	return r->block ? OK : -ENOMEM;
}

static void take_block(struct source_range *r, size_t size, struct view *ret)
{
	count(r, size);
	r->at += size;
	*ret = view_of(r->block, size);
}

/* Whoever writes to a pipe may never do it. */
static int wait_for_bytes(const struct source_file *f)
{
	struct pollfd p = {f->fd, POLLIN, 0};
	for (;;) {
		if (f->stop && atomic_load_explicit(f->stop, memory_order_relaxed))
			return -ECANCELED;
		int ready = poll(&p, 1, PATIENCE_MS);
		if (ready > 0)
			return OK;
		if (ready < 0 && errno != EINTR)
			return -errno;
	}
}

/* A pipe gives little at a time: a block is filled, so that its first says what the source is. */
static int next_block(struct source_range *r, struct view *ret)
{
	size_t filled = 0;
	ssize_t got = 1;
	int code = make_room(r);
	while (code == OK && got != 0 && filled < SOURCE_BLOCK_SIZE) {
		code = wait_for_bytes(r->file);
		if (code == OK)
			got = read(r->file->fd, r->block + filled, SOURCE_BLOCK_SIZE - filled);
		if (code == OK && got < 0 && errno != EINTR && errno != EAGAIN)
			code = -errno;
		filled += code == OK && got > 0 ? (size_t)got : 0;
	}
	if (code < 0)
		return code;
	take_block(r, filled, ret);
	if (r->digest)
		digest_add(r->digest, *ret);
	return OK;
}

static int next_copy(struct source_range *r, struct view *ret)
{
	close_window(r);
	find_data(r);
	uint64_t left = r->at < r->end && !r->is_cut ? r->data_end - r->at : 0;
	size_t size = left < r->copied ? (size_t)left : r->copied;
	int code = make_room(r);
	ssize_t got = 0;
	*ret = (struct view){0};
	if (size == 0 || code < 0)
		return code;
	do
		got = pread(r->file->fd, r->block, size, (off_t)r->at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	r->is_cut = got == 0;
	take_block(r, (size_t)got, ret);
	return OK;
}

int source_range_next(struct source_range *r, struct view *ret)
{
	if (!r->file->is_regular)
		return next_block(r, ret);
	return r->copied ? next_copy(r, ret) : next_window(r, ret);
}

void source_range_done(struct source_range *r)
{
	close_window(r);
	free(r->block);
	r->block = NULL;
}
