#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "record/checkpoint.h"
#include "record/directory.h"
#include "record/log_private.h"
#include "record/tile_file.h"
#include "record/tiles.h"

static bool exists(const struct log *log, const char *path)
{
	struct stat st;
	return fstatat(log->directory_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A log whose making was interrupted has at most an empty journal. */
static int create(struct log *log)
{
	if (exists(log, "tile"))
		return ERR_INVALID;
	if (exists(log, "journal")) {
		struct stat st;
		if (fstatat(log->directory_fd, "journal", &st, 0) < 0 ||
		    st.st_size != JOURNAL_HEADER_SIZE)
			return ERR_INVALID;
	}
	edge_init(&log->edge);
	int err = log_renew_journal(log);
	return err < 0 ? err : log_write_checkpoint(log, &log->edge);
}

static int load_edge(struct log *log, const struct checkpoint *checkpoint)
{
	edge_init(&log->edge);
	log->edge.size = checkpoint->size;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t index = tile_edge_at(level, checkpoint->size);
		unsigned width = tile_width_at(level, index, checkpoint->size);
		int err = width ? tile_file_hashes(log->directory_fd, level, index, width,
		                                   log->edge.hashes[level])
		                : OK;
		if (err < 0)
			return err;
		log->edge.width[level] = width;
	}
	struct merkle_hash root = edge_root(&log->edge);
	return merkle_hash_equal(&root, &checkpoint->root) ? OK : ERR_CHECKSUM;
}

/* The unfinished bundle must be the entries that the edge's lowest level hashes. */
static int load_bundle(struct log *log)
{
	unsigned width = log->edge.width[0];
	struct view entry;
	if (width == 0)
		return OK;
	int err = tile_file_bundle(log->directory_fd, log->edge.size / TILE_WIDTH, width,
	                           &log->bundle);
	if (err < 0)
		return err;
	struct reader r = reader_open(log->bundle.bytes, log->bundle.size);
	for (unsigned i = 0; i < width && bundle_next(&r, &entry); i++) {
		struct merkle_hash leaf = merkle_leaf(entry);
		if (!merkle_hash_equal(&leaf, &log->edge.hashes[0][i]))
			return ERR_CHECKSUM;
	}
	return OK;
}

static int load_checkpoint(struct log *log)
{
	struct buffer bytes = {0};
	struct checkpoint checkpoint;
	int err = directory_read(log->directory_fd, "checkpoint", NOTE_SIZE_MAX, &bytes);
	if (err == OK)
		err = checkpoint_open(buffer_view(&bytes), &log->options.signer->verifier, NULL,
		                      &checkpoint);
	if (err == OK)
		err = load_edge(log, &checkpoint);
	if (err == OK)
		log->checkpoint_size = checkpoint.size;
	buffer_done(&bytes);
	return err;
}

/* One entry of the journal: known to the checkpoint, or beyond it. */
static int replay_entry(struct log *log, uint64_t index, struct view entry)
{
	struct merkle_hash leaf = merkle_leaf(entry), known[TILE_WIDTH];
	if (index >= log->checkpoint_size) {
		int err = bundle_add(&log->pending, entry);
		return log->pending.failed ? -ENOMEM : err;
	}
	unsigned width = tile_width_at(0, index / TILE_WIDTH, log->checkpoint_size);
	int err = tile_file_hashes(log->directory_fd, 0, index / TILE_WIDTH, width, known);
	if (err < 0)
		return err;
	return merkle_hash_equal(&leaf, &known[index % TILE_WIDTH]) ? OK : ERR_CHECKSUM;
}

static int replay(struct log *log, struct view file)
{
	struct reader entries;
	struct view entry;
	uint64_t index;
	int got, err = journal_open(file, &log->journal);
	if (err < 0)
		return err;
	while ((got = journal_next(&log->journal, &entries, &index)) > 0) {
		for (; bundle_next(&entries, &entry); index++) {
			err = replay_entry(log, index, entry);
			if (err < 0)
				return err;
		}
	}
	if (got == ERR_TRUNCATED)
		log->torn_bytes = file.size - log->journal.good;
	else if (got < 0)
		return got;
	if (log->journal.base > log->checkpoint_size || log->journal.next < log->checkpoint_size)
		return ERR_INVALID;
	return OK;
}

static int load_journal(struct log *log)
{
	struct buffer file = {0};
	int err = directory_read(log->directory_fd, "journal", JOURNAL_FILE_MAX, &file);
	if (err == OK)
		err = replay(log, buffer_view(&file));
	log->journal.rest = (struct view){0};
	buffer_done(&file);
	if (err < 0)
		return err;
	log->journal_fd = openat(log->directory_fd, "journal", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (log->journal_fd < 0)
		return -errno;
	if (log->torn_bytes && (ftruncate(log->journal_fd, (off_t)log->journal.good) < 0 ||
	                        fdatasync(log->journal_fd) < 0))
		return -errno;
	return OK;
}

int log_load(struct log *log)
{
	if (unlinkat(log->directory_fd, directory_tmp, 0) < 0 && errno != ENOENT)
		return -errno;
	if (!exists(log, "checkpoint"))
		return create(log);
	int err = load_checkpoint(log);
	if (err == OK)
		err = load_bundle(log);
	if (err == OK)
		err = load_journal(log);
	if (err < 0)
		return err;
	/* a crash between the checkpoint and its new journal */
	if (log->journal.base < log->checkpoint_size && log->pending.size == 0)
		return log_checkpoint(log);
	return OK;
}
