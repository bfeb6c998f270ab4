#include "record/log_reader.h"

#include <errno.h>
#include <fcntl.h>

#include "record/directory.h"
#include "record/journal.h"
#include "record/merkle.h"
#include "record/proof.h"
#include "record/tile_file.h"
#include "record/tiles.h"

struct log_reader {
	int directory_fd;
	struct buffer journal, note, bundle;
	struct checkpoint checkpoint; /* points into `note` */
	/* the last tile read of each level */
	uint64_t index[TILE_LEVELS];
	unsigned width[TILE_LEVELS];
	struct merkle_hash hashes[TILE_LEVELS][TILE_WIDTH];
};

static int load(struct log_reader *r, const struct note_verifier *verifier)
{
	struct note note;
	/* the journal first: a checkpoint read after it covers all entries that precede the journal */
	int err = directory_read(r->directory_fd, "journal", JOURNAL_FILE_MAX, &r->journal);
	if (err == -ENOENT)
		err = OK; /* a published copy has none */
	if (err == OK)
		err = directory_read(r->directory_fd, "checkpoint", NOTE_SIZE_MAX, &r->note);
	if (err == OK)
		err = note_parse(buffer_view(&r->note), &note);
	if (err == OK)
		err = note_verify(&note, verifier);
	if (err == OK)
		err = checkpoint_parse(note.text, &r->checkpoint);
	return err;
}

int log_reader_open(const char *path, const struct note_verifier *verifier, struct log_reader **ret)
{
	cleanup(log_reader) struct log_reader *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->directory_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->directory_fd < 0)
		return -errno;
	int err = load(r, verifier);
	if (err < 0)
		return err;
	*ret = take_ptr(r);
	return OK;
}

void log_reader_close(struct log_reader *reader)
{
	if (!reader)
		return;
	if (reader->directory_fd >= 0)
		close(reader->directory_fd);
	buffer_done(&reader->journal);
	buffer_done(&reader->note);
	buffer_done(&reader->bundle);
	free(reader);
}

const struct checkpoint *log_reader_checkpoint(const struct log_reader *reader)
{
	return &reader->checkpoint;
}

static int walk_bundle(struct log_reader *reader, uint64_t bundle, uint64_t from,
                       log_entry_fn *each, void *context)
{
	unsigned width = tile_width_at(TILE_ENTRIES, bundle, reader->checkpoint.size);
	int result = tile_file_bundle(reader->directory_fd, bundle, width, &reader->bundle);
	struct reader r = reader_open(reader->bundle.bytes, reader->bundle.size);
	struct view entry;
	uint64_t index = bundle * TILE_WIDTH;
	for (; result == OK && bundle_next(&r, &entry); index++) {
		if (index >= from)
			result = each(context, index, entry);
	}
	return result;
}

static int walk_journal(struct log_reader *reader, uint64_t from, log_entry_fn *each, void *context)
{
	struct journal journal;
	struct reader entries;
	struct view entry;
	uint64_t index;
	if (reader->journal.size == 0)
		return OK;
	int result = journal_open(buffer_view(&reader->journal), &journal);
	while (result == OK) {
		result = journal_next(&journal, &entries, &index);
		if (result <= 0)
			/* the tail may be one that is being written now */
			return result == ERR_TRUNCATED ? OK : result;
		result = OK;
		for (; result == OK && bundle_next(&entries, &entry); index++) {
			if (index >= from && index >= reader->checkpoint.size)
				result = each(context, index, entry);
		}
	}
	return result;
}

int log_reader_walk(struct log_reader *reader, uint64_t from, bool with_journal, log_entry_fn *each,
                    void *context)
{
	uint64_t size = reader->checkpoint.size;
	for (uint64_t at = from; at < size; at = (at / TILE_WIDTH + 1) * TILE_WIDTH) {
		int result = walk_bundle(reader, at / TILE_WIDTH, at, each, context);
		if (result != OK)
			return result;
	}
	return with_journal ? walk_journal(reader, from, each, context) : OK;
}

static int read_hash(void *context, unsigned level, uint64_t index, struct merkle_hash *ret)
{
	struct log_reader *reader = context;
	uint64_t tile = index / TILE_WIDTH;
	unsigned width = tile_width_at(level, tile, reader->checkpoint.size);
	if (index % TILE_WIDTH >= width)
		return ERR_LIMIT;
	if (reader->width[level] == 0 || reader->index[level] != tile) {
		reader->width[level] = 0;
		int err = tile_file_hashes(reader->directory_fd, level, tile, width,
		                           reader->hashes[level]);
		if (err < 0)
			return err;
		reader->index[level] = tile;
		reader->width[level] = width;
	}
	*ret = reader->hashes[level][index % TILE_WIDTH];
	return OK;
}

int log_prove(struct log_reader *reader, uint64_t index, struct buffer *out)
{
	struct proof proof = {.index = index, .note = buffer_view(&reader->note)};
	struct merkle_tree tree = {reader->checkpoint.size, read_hash, reader};
	struct merkle_hash leaf;
	if (index >= tree.size)
		return ERR_MISSING;
	int err = read_hash(reader, 0, index, &leaf);
	if (err == OK)
		err = merkle_prove_inclusion(&tree, index, &proof.path);
	if (err < 0)
		return err;
	if (!merkle_check_inclusion(&proof.path, index, tree.size, &leaf, &reader->checkpoint.root))
		return ERR_CHECKSUM;
	proof_print(&proof, out);
	return out->failed ? -ENOMEM : OK;
}
