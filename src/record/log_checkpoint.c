#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "record/checkpoint.h"
#include "record/directory.h"
#include "record/log_private.h"
#include "record/tiles.h"

static int write_tile(struct log *log, unsigned level, uint64_t index, unsigned width,
                      struct view bytes)
{
	char path[TILE_NAME_SIZE];
	struct tile_name name = {.level = level, .index = index, .width = width};
	int err = directory_write(log->directory_fd, tile_name_print(&name, path), bytes);
	log_step(log, "tile written");
	return err;
}

static int write_full(void *context, unsigned level, uint64_t index,
                      const struct merkle_hash hashes[static TILE_WIDTH])
{
	struct log *log = context;
	int err = OK;
	if (level == 0) {
		err = write_tile(log, TILE_ENTRIES, index, TILE_WIDTH, buffer_view(&log->scratch));
		log->scratch.size = 0;
	}
	if (err < 0)
		return err;
	return write_tile(log, level, index, TILE_WIDTH, view_of(hashes, TILE_WIDTH * HASH_SIZE));
}

static int write_partials(struct log *log, const struct edge *edge)
{
	int err = OK;
	if (edge->width[0])
		err = write_tile(log, TILE_ENTRIES, edge->size / TILE_WIDTH, edge->width[0],
		                 buffer_view(&log->scratch));
	for (unsigned level = 0; err == OK && level < TILE_LEVELS; level++) {
		uint64_t index = tile_edge_at(level, edge->size);
		if (edge->width[level])
			err = write_tile(
				log, level, index, edge->width[level],
				view_of(edge->hashes[level], edge->width[level] * HASH_SIZE));
	}
	return err;
}

/* Step 1. Leaves the new edge in next_edge and the unfinished bundle in scratch. */
static int write_tiles(struct log *log)
{
	struct reader r = reader_open(log->pending.bytes, log->pending.size);
	struct view entry;
	log->next_edge = log->edge;
	log->scratch.size = 0;
	buffer_add_view(&log->scratch, buffer_view(&log->bundle));
	while (bundle_next(&r, &entry)) {
		struct merkle_hash leaf = merkle_leaf(entry);
		int err = bundle_add(&log->scratch, entry);
		if (log->scratch.failed)
			err = -ENOMEM;
		if (err == OK)
			err = edge_add(&log->next_edge, &leaf, write_full, log);
		if (err < 0)
			return err;
	}
	return write_partials(log, &log->next_edge);
}

/* Step 2. */
int log_write_checkpoint(struct log *log, const struct edge *edge)
{
	struct buffer text = {0}, note = {0};
	const struct note_signer *signer = log->options.signer;
	struct checkpoint checkpoint = {.origin = view_text(signer->verifier.name),
	                                .size = edge->size,
	                                .root = edge_root(edge)};
	checkpoint_print(&checkpoint, &text);
	int err = text.failed ? -ENOMEM : note_sign(buffer_view(&text), signer, &note);
	if (err == OK)
		err = directory_write(log->directory_fd, "checkpoint", buffer_view(&note));
	buffer_done(&text);
	buffer_done(&note);
	log_step(log, "checkpoint written");
	return err;
}

/* Step 3. */
int log_remove_partials(struct log *log, uint64_t old_size, uint64_t size)
{
	char path[TILE_NAME_SIZE + 8], name_text[TILE_NAME_SIZE];
	for (unsigned i = 0; i < TILE_LEVELS; i++) {
		unsigned level = i == TILE_LEVELS - 1 ? TILE_ENTRIES : i;
		unsigned shift = level == TILE_ENTRIES ? 8 : 8 * (level + 1);
		for (uint64_t index = old_size >> shift; index < size >> shift; index++) {
			struct tile_name name = {
				.level = level, .index = index, .width = TILE_WIDTH};
			(void)snprintf(path, sizeof(path), "%s.p",
			               tile_name_print(&name, name_text));
			int err = directory_remove(log->directory_fd, path);
			if (err < 0)
				return err;
			log_step(log, "partials removed");
		}
	}
	return OK;
}

/* Step 4. */
int log_renew_journal(struct log *log)
{
	struct journal journal;
	struct buffer head = {0};
	journal_begin(&journal, log->checkpoint_size, &head);
	int err = head.failed ? -ENOMEM
	                      : directory_write(log->directory_fd, "journal", buffer_view(&head));
	buffer_done(&head);
	log_step(log, "journal renewed");
	int fd = openat(log->directory_fd, "journal", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		log->broken = -errno;
		return log->broken;
	}
	if (err < 0) {
		/* the rename may have happened and only its synchronisation failed: then nobody knows which
		 * of the two a power loss would leave */
		struct stat old, new;
		if (log->journal_fd >= 0 && fstat(fd, &new) == 0 &&
		    fstat(log->journal_fd, &old) == 0 && new.st_ino != old.st_ino)
			log->broken = err;
		close(fd);
		return err;
	}
	if (log->journal_fd >= 0)
		close(log->journal_fd);
	log->journal_fd = fd;
	log->journal = journal;
	return OK;
}

int log_checkpoint(struct log *log)
{
	uint64_t old_size = log->journal.base;
	if (log->broken)
		return log->broken;
	if (log->journal.next > log->checkpoint_size) {
		int err = write_tiles(log);
		if (err == OK)
			err = log_write_checkpoint(log, &log->next_edge);
		if (err < 0) {
			log->scratch.failed = false;
			return err;
		}
		log->edge = log->next_edge;
		log->checkpoint_size = log->edge.size;
		log->pending.size = 0;
		struct buffer held = log->bundle;
		log->bundle = log->scratch;
		log->scratch = held;
	}
	if (log->journal.base == log->checkpoint_size)
		return OK;
	int err = log_remove_partials(log, old_size, log->checkpoint_size);
	return err < 0 ? err : log_renew_journal(log);
}
