/* checkpoint.h - the text that a log signs: who it is, how many entries, under which root.
 *
 * What:    pure functions; views point into the caller's bytes. Printing what was parsed gives the
 *          same bytes.
 * Fails:   ERR_MALFORMED; checkpoint_open() also as note.h.
 * Source:  c2sp.org/tlog-checkpoint. */
#pragma once

#include "base/buffer.h"
#include "record/merkle.h"
#include "record/note.h"

struct checkpoint {
	struct view origin;
	uint64_t size;
	struct merkle_hash root;
	struct view extensions; /* whole lines with their newlines; empty for ours */
};

/* `text` is a note's text, with its final newline. */
int checkpoint_parse(struct view text, struct checkpoint *ret) must_check;
/* Reads a signed one. ERR_SIGNATURE also when it is of another log; `origin` of NULL: the verifier's name. */
int checkpoint_open(struct view note, const struct note_verifier *verifier, const char *origin,
                    struct checkpoint *ret) must_check;
void checkpoint_print(const struct checkpoint *checkpoint, struct buffer *out);
