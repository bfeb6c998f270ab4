#include "record/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/plural.h"
#include "base/timestamp.h"
#include "record/checkpoint.h"
#include "record/directory.h"
#include "record/entry.h"
#include "record/journal.h"
#include "record/tile_file.h"
#include "record/verify_tiles.h"

enum { ATTEMPTS = 5, BROKEN = -3000 /* the report says where */ };

struct verify {
	int directory_fd;
	struct verify_report *report;
	struct verify_tiles tiles;
	struct buffer note, journal_file, bundle;
	struct checkpoint checkpoint;
	const struct checkpoint *earlier; /* or NULL */
	int64_t greatest_us;
	bool may_be_silent; /* the last entry said that the recorder stops */
};

/* First finding wins: it is the one with the exact place. */
static int broken(void *context, const char *file, int64_t entry, int64_t offset, const char *what)
{
	struct verify *v = context;
	struct verify_report *r = v->report;
	char where[96] = "";
	if (entry >= 0 && offset >= 0)
		(void)snprintf(where, sizeof(where), " (entry %" PRId64 ", byte %" PRId64 ")",
		               entry, offset);
	else if (entry >= 0)
		(void)snprintf(where, sizeof(where), " (entry %" PRId64 ")", entry);
	else if (offset >= 0)
		(void)snprintf(where, sizeof(where), " (byte %" PRId64 ")", offset);
	r->verdict = VERIFY_BROKEN;
	r->entry = entry;
	r->offset = offset;
	(void)snprintf(r->file, sizeof(r->file), "%s", file);
	(void)snprintf(r->sentence, sizeof(r->sentence), "The evidence does not hold: %s%s %s.",
	               file, where, what);
	return BROKEN;
}

static int fail_file(struct verify *v, const char *file, int err)
{
	if (err == -ENOENT)
		return broken(v, file, -1, -1, "is missing");
	if (err == ERR_LIMIT)
		return broken(v, file, -1, -1, "is larger than such a file can be");
	if (err == -EINVAL || err == -ELOOP)
		return broken(v, file, -1, -1, "is not a regular file");
	return err;
}

static int read_checkpoint(struct verify *v, const struct note_verifier *verifier,
                           const char *origin)
{
	static const char name[] = "checkpoint";
	struct note note;
	int err = directory_read(v->directory_fd, name, NOTE_SIZE_MAX, &v->note);
	if (err < 0)
		return fail_file(v, name, err);
	if (note_parse(buffer_view(&v->note), &note) < 0)
		return broken(v, name, -1, -1, "is not a signed note");
	if (note_verify(&note, verifier) < 0)
		return broken(v, name, -1, -1, "is not signed by the key, or was altered");
	if (checkpoint_parse(note.text, &v->checkpoint) < 0)
		return broken(v, name, -1, -1, "is signed, but is not a checkpoint");
	if (!view_is(v->checkpoint.origin, origin ? origin : verifier->name))
		return broken(v, name, -1, -1, "is of another log");
	return OK;
}

static void note_time(struct verify *v, const struct entry *entry)
{
	struct verify_report *r = v->report;
	int64_t gap = entry->time_us - v->greatest_us;
	if (v->tiles.edge.size == 0) {
		r->first_us = r->last_us = v->greatest_us = entry->time_us;
	} else if (gap > VERIFY_HEARTBEAT_GAP_US && !v->may_be_silent) {
		r->gaps++;
		if (gap > r->longest_gap_us) {
			r->longest_gap_us = gap;
			r->longest_gap_at_us = v->greatest_us;
		}
	}
	if (entry->time_us > v->greatest_us)
		r->last_us = v->greatest_us = entry->time_us;
	v->may_be_silent = entry->kind == ENTRY_STOP;
}

/* Whoever shortened or rewrote the log since can sign it, but has no other entries for that root. */
static int check_earlier(struct verify *v)
{
	const struct checkpoint *earlier = v->earlier;
	if (!earlier || v->tiles.edge.size != earlier->size)
		return OK;
	struct merkle_hash root = edge_root(&v->tiles.edge);
	if (!merkle_hash_equal(&root, &earlier->root))
		return broken(v, "checkpoint", -1, -1,
		              "covers other entries than the earlier one does");
	v->report->earlier_entries = earlier->size;
	return OK;
}

static int check_entry(struct verify *v, const char *file, int64_t offset, struct view bytes)
{
	struct entry entry;
	const char *why = "is too large";
	int64_t index = (int64_t)v->tiles.edge.size;
	if (entry_parse(bytes, &entry, &why) < 0)
		return broken(v, file, index, offset, why);
	if (index > 0 && entry.time_us < v->greatest_us - VERIFY_BACKWARD_US)
		return broken(v, file, index, offset, "is older than an entry before it");
	note_time(v, &entry);
	int err = verify_tiles_add(&v->tiles, bytes);
	return err < 0 ? err : check_earlier(v);
}

static int check_bundle(struct verify *v, uint64_t index)
{
	struct tile_name name = {TILE_ENTRIES, index,
	                         tile_width_at(TILE_ENTRIES, index, v->checkpoint.size)};
	char path[TILE_NAME_SIZE];
	struct view entry;
	unsigned count = 0;
	int err = tile_file_bundle(v->directory_fd, index, name.width, &v->bundle);
	(void)tile_name_print(&name, path);
	if (err == ERR_MISSING)
		return broken(v, path, (int64_t)(index * TILE_WIDTH), -1, "is missing");
	if (err != OK && err != ERR_TRUNCATED && err != ERR_MALFORMED)
		return fail_file(v, path, err);
	struct reader r = reader_open(v->bundle.bytes, v->bundle.size);
	while (count < name.width) {
		int64_t offset = r.at - v->bundle.bytes;
		if (!bundle_next(&r, &entry))
			return broken(v, path, (int64_t)(index * TILE_WIDTH + count), offset,
			              "ends before the entry does");
		int bad = check_entry(v, path, offset, entry);
		if (bad < 0)
			return bad;
		count++;
	}
	if (reader_left(&r) > 0)
		return broken(v, path, -1, r.at - v->bundle.bytes, "goes on behind its last entry");
	return OK;
}

static int check_bundles(struct verify *v)
{
	if (v->earlier && v->earlier->size > v->checkpoint.size)
		return broken(v, "checkpoint", -1, -1,
		              "covers fewer entries than the earlier one does");
	int err = check_earlier(v); /* it may have had none */
	if (err < 0)
		return err;
	for (uint64_t i = 0; i * TILE_WIDTH < v->checkpoint.size; i++) {
		err = check_bundle(v, i);
		if (err < 0)
			return err;
	}
	err = verify_tiles_at_checkpoint(&v->tiles);
	if (err < 0)
		return err;
	struct merkle_hash root = edge_root(&v->tiles.edge);
	if (!merkle_hash_equal(&root, &v->checkpoint.root))
		return broken(v, "checkpoint", -1, -1,
		              "signs another root than the entries and their hashes have");
	return OK;
}

/* The journal may still hold entries that are under the checkpoint: then they must be the same. */
static int check_known(struct verify *v, uint64_t index, int64_t offset, struct view entry)
{
	struct merkle_hash hashes[TILE_WIDTH], leaf = merkle_leaf(entry);
	unsigned width = tile_width_at(0, index / TILE_WIDTH, v->checkpoint.size);
	int err = tile_file_hashes(v->directory_fd, 0, index / TILE_WIDTH, width, hashes);
	if (err < 0)
		return err;
	if (!merkle_hash_equal(&leaf, &hashes[index % TILE_WIDTH]))
		return broken(v, "journal", (int64_t)index, offset,
		              "differs from the entry in the tiles");
	return OK;
}

static int check_group(struct verify *v, struct reader entries, uint64_t index)
{
	struct view entry;
	for (; bundle_next(&entries, &entry); index++) {
		int64_t offset = entry.bytes - v->journal_file.bytes;
		int err = index < v->checkpoint.size ? check_known(v, index, offset, entry)
		                                     : check_entry(v, "journal", offset, entry);
		if (err < 0)
			return err;
	}
	return OK;
}

static int check_journal(struct verify *v)
{
	static const char name[] = "journal";
	struct journal journal;
	struct reader entries;
	uint64_t index;
	int got;
	if (journal_open(buffer_view(&v->journal_file), &journal) < 0)
		return broken(v, name, -1, 0, "has no valid head");
	if (journal.base > v->checkpoint.size)
		return broken(v, name, -1, sizeof("writ journal 1"),
		              "begins behind the checkpoint's end");
	while ((got = journal_next(&journal, &entries, &index)) > 0) {
		int err = check_group(v, entries, index);
		if (err < 0)
			return err;
	}
	if (got < 0)
		return broken(v, name, (int64_t)journal.next, (int64_t)journal.good,
		              got == ERR_TRUNCATED ? "is torn or was altered" : "was altered");
	if (journal.next < v->checkpoint.size)
		return broken(v, name, (int64_t)journal.next, (int64_t)journal.good,
		              "ends before the checkpoint does");
	v->report->journal_entries = journal.next - v->checkpoint.size;
	return verify_tiles_at_end(&v->tiles);
}

static int check_name(void *context, const char *path, bool is_file)
{
	struct verify *v = context;
	struct tile_name name;
	struct stat st;
	if (!is_file)
		return broken(v, path, -1, -1, "is not a regular file");
	if (strcmp(path, "checkpoint") == 0 || strcmp(path, "journal") == 0)
		return OK;
	if (strcmp(path, directory_tmp) == 0) {
		v->report->leftovers++; /* an unfinished file is no evidence */
		return OK;
	}
	if (strcmp(path, "lock") == 0) {
		bool is_empty = fstatat(v->directory_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		                st.st_size == 0;
		return is_empty ? OK : broken(v, path, -1, 0, "is not empty");
	}
	if (tile_name_parse(view_text(path), &name) < 0)
		return broken(v, path, -1, -1, "does not belong to a log");
	if (!verify_tiles_knows(&v->tiles, &name))
		return broken(v, path, -1, -1, "holds more than the log has entries for");
	return OK;
}

static int verify_parts(struct verify *v, const struct note_verifier *verifier, const char *origin)
{
	/* the journal first: see log_reader.c */
	int err = directory_read(v->directory_fd, "journal", JOURNAL_FILE_MAX, &v->journal_file);
	int no_journal = err;
	err = read_checkpoint(v, verifier, origin);
	if (err == OK && no_journal < 0)
		err = fail_file(v, "journal", no_journal);
	if (err < 0)
		return err;
	v->tiles.checkpoint_size = v->report->entries = v->checkpoint.size;
	err = check_bundles(v);
	if (err == OK)
		err = check_journal(v);
	v->report->leftovers = v->tiles.leftovers;
	if (err == OK)
		err = directory_walk(v->directory_fd, "", check_name, v);
	return err;
}

static void say_it_holds(const struct verify *v)
{
	struct verify_report *r = v->report;
	char first[TIMESTAMP_TEXT_SIZE], last[TIMESTAMP_TEXT_SIZE], span[80] = "", rest[80] = "",
								    earlier[96] = "";
	if (r->entries + r->journal_entries)
		(void)snprintf(span, sizeof(span), " from %s to %s",
		               timestamp_print(r->first_us, first),
		               timestamp_print(r->last_us, last));
	if (r->journal_entries)
		(void)snprintf(rest, sizeof(rest), "; %" PRIu64 " %s not yet under a checkpoint",
		               r->journal_entries,
		               plural(r->journal_entries, "entry is", "entries are"));
	if (v->earlier)
		(void)snprintf(earlier, sizeof(earlier),
		               "; the first %" PRIu64 " %s of the earlier one", r->earlier_entries,
		               plural(r->earlier_entries, "is that", "are those"));
	(void)snprintf(r->sentence, sizeof(r->sentence),
	               "The evidence holds: %" PRIu64 " %s%s %s under the signed checkpoint%s%s.",
	               r->entries, plural(r->entries, "entry", "entries"), span,
	               plural(r->entries, "is", "are"), earlier, rest);
}

/* Whether a writer has moved on since the two files were read. */
static bool has_changed(const struct verify *v)
{
	struct buffer again = {0};
	int err = directory_read(v->directory_fd, "checkpoint", NOTE_SIZE_MAX, &again);
	bool changed = err == OK && !view_equal(buffer_view(&again), buffer_view(&v->note));
	err = directory_read(v->directory_fd, "journal", JOURNAL_FILE_MAX, &again);
	changed = changed ||
	          (err == OK && !view_equal(buffer_view(&again), buffer_view(&v->journal_file)));
	buffer_done(&again);
	return changed;
}

static int verify_once(int directory_fd, const struct note_verifier *verifier, const char *origin,
                       const struct checkpoint *earlier, struct verify_report *report,
                       bool *ret_changed)
{
	cleanup(free) struct verify *v = calloc(1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	*report = (struct verify_report){.entry = -1, .offset = -1};
	v->directory_fd = v->tiles.directory_fd = directory_fd;
	v->report = report;
	v->earlier = earlier;
	v->tiles.fail = broken;
	v->tiles.context = v;
	int err = verify_parts(v, verifier, origin);
	if (err == OK)
		say_it_holds(v);
	*ret_changed = err < 0 && has_changed(v);
	verify_tiles_done(&v->tiles);
	buffer_done(&v->note);
	buffer_done(&v->journal_file);
	buffer_done(&v->bundle);
	return err == BROKEN ? OK : err;
}

int verify_log(const char *path, const struct note_verifier *verifier, const char *origin,
               const struct checkpoint *earlier, struct verify_report *ret)
{
	struct verify_report report;
	bool changed = true;
	int err = OK;
	cleanup(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (int i = 0; i < ATTEMPTS && changed; i++)
		err = verify_once(fd, verifier, origin, earlier, &report, &changed);
	if (err == OK)
		*ret = report;
	return err;
}
