/* log.h - the evidence log on disk: the only code that writes one.
 *
 * LOG/checkpoint       the signed checkpoint
 * LOG/tile/...         hashes and entry bundles, c2sp.org/tlog-tiles
 * LOG/journal          acknowledged entries beyond the checkpoint (journal.h)
 * LOG/lock             locked by the writer; empty
 * LOG/tmp              a file being written; means nothing after a crash
 *
 * Order:   an append is (1) one write to the journal, (2) fdatasync, (3) acknowledged: log_append()
 *          returns. A checkpoint is (1) tiles and bundles of the new size, each by temporary file,
 *          fsync, rename, fsync of its directory; (2) the checkpoint, likewise; (3) partial tiles that
 *          are now full removed; (4) a new empty journal, like the tiles. After a crash
 *          at (1) the old checkpoint and the whole journal stand, and the tiles are written again;
 *          at (2) and (3) the journal still holds entries under the checkpoint: opening compares them
 *          with it, skips them, and does (3) and (4) again. So no crash loses an acknowledged entry,
 *          and none leaves two different tiles of one name. Partial tiles stay until the full one
 *          exists, as tlog-tiles demands of sizes that were once signed.
 * Fails:   -EBUSY when another process writes the log; -ENOSPC and other system errors;
 *          ERR_SIGNATURE, ERR_CHECKSUM, ERR_MALFORMED, ERR_INVALID when what is on disk does not hold.
 *          A failed append leaves the log as it was, and a later one may succeed. When even cutting
 *          the journal back fails, or a synchronisation failed with anything but a full disk, the log
 *          answers every later call with that error until it is opened again.
 * Threads: one. One writer process (flock).
 * Needs:   sodium_init() called by the program. */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "record/merkle.h"
#include "record/note.h"

struct log;

/* Called between the steps above, by tests only, which stop the process there. */
typedef void log_step_fn(void *context, const char *step);

struct log_options {
	const char *path; /* of the directory; made when missing */
	const struct note_signer
		*signer;           /* borrowed while the log is open; its name is the log's */
	uint64_t checkpoint_every; /* entries; 0: only on call */
	log_step_fn *step;         /* NULL */
	void *step_context;
};

struct log_state {
	uint64_t size;            /* acknowledged entries */
	uint64_t checkpoint_size; /* of these, under the checkpoint */
	size_t torn_bytes;        /* cut off the journal when it was opened */
};

/* Opens or makes the log: checks the checkpoint's signature, that the right edge and the journal
 * agree with it, and tidies up what a crash left. */
int log_open(const struct log_options *options, struct log **ret) must_check;
void log_close(struct log *log);
DEFINE_CLEANUP(log, struct log *, log_close);

/* Adds `count` entries as one group; all are durable when it returns 0, none is added otherwise.
 * ret_first (may be NULL) is the index of the first. ERR_LIMIT for an entry over 65535 bytes. */
int log_append(struct log *log, const struct view *entries, size_t count,
               uint64_t *ret_first) must_check;
/* Puts everything acknowledged under a signed checkpoint. */
int log_checkpoint(struct log *log) must_check;
void log_read_state(const struct log *log, struct log_state *ret);
