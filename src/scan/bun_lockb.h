/* bun_lockb.h - which packages a lock file of bun in its binary form has, as bun wrote them before 1.2.
 *
 * What:    pure; views point into the caller's bytes. Names only: versions stand elsewhere.
 * Fails:   ERR_MALFORMED: it is none, or of another version, or damaged.
 * Source:  bun, src/install/lockfile.zig and bun.lockb.zig: 42 bytes of text, version, a hash, size; then the table of
 *          packages column by column, names first; later the block of all texts. Little-endian. A name of up to 8 bytes
 *          stands where it is, a longer one is an offset into the texts and a size with the highest bit. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/view.h"

struct bun_lockb {
	struct view names, texts;
};

int bun_lockb_open(struct view bytes, struct bun_lockb *ret) must_check;
/* The next name; false at the end. */
bool bun_lockb_next(struct bun_lockb *b, struct view *ret);
