/* checkpoint.h - the text that a log signs: who it is, how many entries, under which root.
 *
 * What:    pure functions; views point into the caller's bytes. Printing what was parsed gives the
 *          same bytes.
 * Fails:   ERR_MALFORMED.
 * Source:  c2sp.org/tlog-checkpoint. */
#pragma once

#include "base/buffer.h"
#include "record/merkle.h"

struct checkpoint {
	struct view origin;
	uint64_t size;
	struct merkle_hash root;
	struct view extensions; /* whole lines with their newlines; empty for ours */
};

/* `text` is a note's text, with its final newline. */
int checkpoint_parse(struct view text, struct checkpoint *ret) must_check;
void checkpoint_print(const struct checkpoint *checkpoint, struct buffer *out);
