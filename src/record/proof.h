/* proof.h - that one entry is in a log, as one text file that is checked without the log.
 *
 * What:    pure functions; views point into the caller's bytes.
 * Fails:   ERR_MALFORMED; ERR_SIGNATURE; ERR_CHECKSUM when the hashes do not lead to the root.
 * Source:  c2sp.org/tlog-proof. */
#pragma once

#include "base/buffer.h"
#include "record/checkpoint.h"
#include "record/note.h"

struct proof {
	struct view extra; /* base64 text, not covered by the proof; empty when absent */
	uint64_t index;
	struct merkle_proof path;
	struct view note; /* the signed checkpoint */
};

int proof_parse(struct view text, struct proof *ret) must_check;
void proof_print(const struct proof *proof, struct buffer *out);
/* `origin` of NULL: the verifier's name. ret_checkpoint points into proof->note. */
int proof_check(const struct proof *proof, struct view entry, const struct note_verifier *verifier,
                const char *origin, struct checkpoint *ret_checkpoint) must_check;
