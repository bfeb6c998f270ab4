/* lines.h - whole lines out of blocks that are cut anywhere.
 *
 * What:    audit_lines_next() gives runs of whole lines, each with its line feed: as much of a block as there is, at
 *          once, so that a reader can search in it. The begin of a line whose end is not there yet is carried.
 *
 *	for (struct view run; (run = audit_lines_next(&lines, &block)).size;)
 *		...
 *
 * Owns:    the carried line; audit_lines_done().
 * Limits:  a line over AUDIT_ITEM_MAX is not held: it is counted as an item that was not understood. */
#pragma once

#include "audit/reader.h"
#include "base/buffer.h"

struct audit_lines {
	const struct audit_context *context;
	struct buffer carried;
	bool is_given;    /* `carried` was given out */
	bool is_skipping; /* inside a line that is too long */
};

static inline void audit_lines_init(struct audit_lines *l, const struct audit_context *context)
{
	*l = (struct audit_lines){.context = context};
}
void audit_lines_done(struct audit_lines *l);

/* What it gives is valid until the next call. Empty: the block is used up, or there is no memory
 * (l->carried.failed). */
struct view audit_lines_next(struct audit_lines *l, struct view *block);
/* A last line without a line feed; or empty. */
struct view audit_lines_last(struct audit_lines *l);
