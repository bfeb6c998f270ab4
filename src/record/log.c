#include "record/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "record/checkpoint.h"
#include "record/directory.h"
#include "record/journal.h"
#include "record/log_private.h"
#include "record/tiles.h"

void log_step(const struct log *log, const char *step)
{
	if (log->options.step)
		log->options.step(log->options.step_context, step);
}

static int open_directory(struct log *log, const char *path)
{
	if (mkdir(path, 0750) < 0 && errno != EEXIST)
		return -errno;
	log->directory_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (log->directory_fd < 0)
		return -errno;
	log->lock_fd =
		openat(log->directory_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (log->lock_fd < 0)
		return -errno;
	if (flock(log->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return OK;
}

int log_open(const struct log_options *options, struct log **ret)
{
	cleanup(log) struct log *log = calloc(1, sizeof(*log));
	if (!log)
		return -ENOMEM;
	log->directory_fd = log->lock_fd = log->journal_fd = -1;
	log->options = *options;
	int err = open_directory(log, options->path);
	if (err == OK)
		err = log_load(log);
	if (err < 0)
		return err;
	*ret = take_ptr(log);
	return OK;
}

void log_close(struct log *log)
{
	if (!log)
		return;
	if (log->journal_fd >= 0)
		close(log->journal_fd);
	if (log->lock_fd >= 0)
		close(log->lock_fd);
	if (log->directory_fd >= 0)
		close(log->directory_fd);
	buffer_done(&log->bundle);
	buffer_done(&log->pending);
	buffer_done(&log->scratch);
	free(log);
}

static int write_at(int fd, struct view bytes, size_t offset)
{
	while (bytes.size) {
		ssize_t done = pwrite(fd, bytes.bytes, bytes.size, (off_t)offset);
		if (done < 0 && errno != EINTR)
			return -errno;
		bytes = view_skip(bytes, done > 0 ? (size_t)done : 0);
		offset += done > 0 ? (size_t)done : 0;
	}
	return OK;
}

static bool is_full_disk(int err)
{
	return err == -ENOSPC || err == -EDQUOT || err == -EFBIG;
}

/* Writes one group; on failure the journal is cut back to what was acknowledged before. */
static int write_group(struct log *log, struct view frame)
{
	int err = write_at(log->journal_fd, frame, log->journal.good);
	bool written = err == OK;
	if (written) {
		log_step(log, "group written");
		err = fdatasync(log->journal_fd) < 0 ? -errno : OK;
	}
	if (err == OK)
		return OK;
	/* after a failed synchronisation nobody knows which pages are on the disk */
	if (written && !is_full_disk(err))
		log->broken = err;
	if (ftruncate(log->journal_fd, (off_t)log->journal.good) < 0)
		log->broken = -errno;
	return err;
}

static int keep_pending(struct log *log, const struct view *entries, size_t count)
{
	size_t before = log->pending.size;
	for (size_t i = 0; i < count; i++) {
		if (bundle_add(&log->pending, entries[i]) < 0)
			return ERR_LIMIT;
	}
	if (!log->pending.failed)
		return OK;
	log->pending.failed = false;
	log->pending.size = before;
	return -ENOMEM;
}

static int add_group(struct log *log, const struct view *entries, size_t count)
{
	struct journal after = log->journal;
	size_t before = log->pending.size;
	log->scratch.size = 0;
	int err = journal_frame(&after, entries, count, &log->scratch);
	if (err < 0) {
		log->scratch.failed = false;
		return err;
	}
	/* memory first: an entry on the disk must not fail for it */
	err = keep_pending(log, entries, count);
	if (err < 0)
		return err;
	err = write_group(log, buffer_view(&log->scratch));
	if (err < 0) {
		log->pending.size = before;
		return err;
	}
	log->journal = after;
	return OK;
}

int log_append(struct log *log, const struct view *entries, size_t count, uint64_t *ret_first)
{
	uint64_t first = log->journal.next;
	if (log->broken)
		return log->broken;
	if (log->pending.size > JOURNAL_PAYLOAD_MAX) {
		int err = log_checkpoint(log);
		if (err < 0)
			return err;
	}
	if (count > 0) {
		int err = add_group(log, entries, count);
		if (err < 0)
			return err;
	}
	if (ret_first)
		*ret_first = first;
	uint64_t open_entries = log->journal.next - log->checkpoint_size;
	if (log->options.checkpoint_every && open_entries >= log->options.checkpoint_every)
		/* the entries are durable without it: whoever asks for the next is told why it fails */
		(void)!log_checkpoint(log);
	return OK;
}

void log_read_state(const struct log *log, struct log_state *ret)
{
	*ret = (struct log_state){.size = log->journal.next,
	                          .checkpoint_size = log->checkpoint_size,
	                          .torn_bytes = log->torn_bytes};
}
