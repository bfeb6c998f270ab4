/* journal.h - the entries that are acknowledged and not yet under a checkpoint, as one file.
 *
 * What:    pure functions over the file's bytes.
 *
 *          file   = header frame*
 *          header = "writ journal 1\n\0" u64 base, 32 bytes checksum
 *          frame  = u32 mark, u32 payload size, u64 index of its first entry, 16 bytes head checksum,
 *                   payload (entries, each u16 size + bytes), 32 bytes checksum
 *
 *          A frame is one group commit: written by one call, then synchronised, then acknowledged.
 *          Each checksum covers the one before it, so frames cannot be dropped or swapped; the one of
 *          the header covers its own bytes. Big-endian. SHA-256, the head's cut to 16 bytes.
 *
 * Torn or altered: only the last frame can be torn by a crash, for the one before it was synchronised
 *          first. So a bad frame that no good head follows is a torn tail (ERR_TRUNCATED; what comes
 *          before it is whole), and a bad frame with a good head behind it was altered (ERR_CHECKSUM). */
#pragma once

#include "base/buffer.h"
#include "base/reader.h"
#include "record/merkle.h"

enum {
	JOURNAL_MARK = 0xf7e7d7c7u, /* never found in UTF-8 text */
	JOURNAL_HEADER_SIZE = 16 + 8 + 32,
	JOURNAL_HEAD_SIZE = 4 + 4 + 8 + 16,
	JOURNAL_PAYLOAD_MAX = 1 << 26,
	JOURNAL_FILE_MAX = 1 << 30, /* a longer one is not read */
};

struct journal {
	uint64_t base; /* index of the first entry that the file may hold */
	uint64_t next; /* index of the entry after the last one read */
	size_t good;   /* bytes from the start of the file that are whole */
	struct view rest;
	struct merkle_hash chain; /* the last checksum */
};

/* Appends the header of an empty journal and sets `journal` to its end. */
void journal_begin(struct journal *journal, uint64_t base, struct buffer *out);
/* Appends one frame for `count` entries and moves `journal` past it. ERR_LIMIT: an entry over 65535
 * bytes, or all over JOURNAL_PAYLOAD_MAX; -ENOMEM. `journal` is unchanged on failure. */
int journal_frame(struct journal *journal, const struct view *entries, size_t count,
                  struct buffer *out) must_check;

/* ERR_TRUNCATED for a file shorter than its header, ERR_CHECKSUM, ERR_VERSION. */
int journal_open(struct view file, struct journal *ret) must_check;
/* Reads the next frame: 1 with its entries, which are well-formed (bundle_next()), 0 at the end,
 * ERR_TRUNCATED or ERR_CHECKSUM as said above. */
int journal_next(struct journal *journal, struct reader *ret_entries,
                 uint64_t *ret_first) must_check;
