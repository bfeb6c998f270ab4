/* log_reader.h - reads a log directory that someone else may be writing: entries, hashes, proofs.
 *
 * What:    entries come from bundles and, beyond the checkpoint, from the journal. The checkpoint's
 *          signature is checked when it is read; tiles are trusted only as far as a proof made from
 *          them leads to its root. For judging a whole log see verify.h.
 * Fails:   as log.h; ERR_MISSING for an entry that is not there.
 * Threads: one for one reader. */
#pragma once

#include "base/buffer.h"
#include "base/cleanup.h"
#include "record/checkpoint.h"
#include "record/note.h"

struct log_reader;

/* Returns 0 to go on; anything else ends the walk and is its result. */
typedef int log_entry_fn(void *context, uint64_t index, struct view entry);

int log_reader_open(const char *path, const struct note_verifier *verifier,
                    struct log_reader **ret) must_check;
void log_reader_close(struct log_reader *reader);
DEFINE_CLEANUP(log_reader, struct log_reader *, log_reader_close);

const struct checkpoint *log_reader_checkpoint(const struct log_reader *reader);
/* Every entry from index `from` on; those beyond the checkpoint too when `with_journal`. */
int log_reader_walk(struct log_reader *reader, uint64_t from, bool with_journal, log_entry_fn *each,
                    void *context) must_check;
/* Writes a c2sp.org/tlog-proof for the entry, after checking it against the root. */
int log_prove(struct log_reader *reader, uint64_t index, struct buffer *out) must_check;
