/* verify.h - judges a log directory as a stranger would: recomputes everything, trusts one public key.
 *
 * Checked: the checkpoint's form, origin and signature; every entry's canonical form and kind; every
 *          tile against hashes recomputed from the entries, byte for byte; size and root; that no time
 *          runs back by more than VERIFY_BACKWARD_US; leftover tiles; the journal's checksums and order;
 *          that the directory holds nothing else; and, where the caller has kept an earlier checkpoint,
 *          that the entries which that covers are the first of these.
 * Not checked: what the log never was told, and entries beyond the checkpoint beyond their checksums
 *          (the report counts them).
 * Result:  OK, also when something does not hold: report->verdict says so. Negative only when the log
 *          could not be read at all.
 * Limits:  memory does not grow with the log, save the journal (at most JOURNAL_FILE_MAX).
 * Threads: any; writes nothing. A log that is being written is judged again when it changed meanwhile. */
#pragma once

#include "record/checkpoint.h"
#include "record/note.h"

#define VERIFY_BACKWARD_US      INT64_C(5000000) /* clocks are stepped; events wait for their window */
#define VERIFY_HEARTBEAT_GAP_US INT64_C(150000000) /* two and a half heartbeats */

enum { VERIFY_TEXT_SIZE = 512, VERIFY_FILE_SIZE = 128 };

enum verify_verdict { VERIFY_HOLDS, VERIFY_BROKEN };

struct verify_report {
	enum verify_verdict verdict;
	char sentence[VERIFY_TEXT_SIZE]; /* one plain sentence */
	/* where it is broken; entry and offset -1 when they do not apply */
	char file[VERIFY_FILE_SIZE];
	int64_t entry, offset;
	/* what was read */
	uint64_t entries;         /* under the checkpoint */
	uint64_t earlier_entries; /* of these, under the caller's earlier checkpoint */
	uint64_t journal_entries; /* acknowledged, not yet under a checkpoint */
	int64_t first_us, last_us;
	uint64_t gaps; /* of heartbeats, while something ran */
	int64_t longest_gap_us, longest_gap_at_us;
	uint64_t leftovers; /* consistent files that a crash or a checkpoint left */
};

/* `origin` of NULL: the key's name. `earlier`: what checkpoint_open() made of a checkpoint of this log, or NULL. */
int verify_log(const char *path, const struct note_verifier *verifier, const char *origin,
               const struct checkpoint *earlier, struct verify_report *ret) must_check;
