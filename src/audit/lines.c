#include "audit/lines.h"

#include "audit/coverage.h"

void audit_lines_done(struct audit_lines *l)
{
	buffer_done(&l->carried);
}

static void skip(struct audit_lines *l, struct view begin)
{
	l->context->coverage->items++;
	coverage_not_understood(l->context, begin);
	l->is_skipping = true;
	l->carried.size = 0;
}

/* The begin of a line that goes on in the next block. */
static void carry(struct audit_lines *l, struct view part)
{
	if (part.size > AUDIT_ITEM_MAX)
		skip(l, part);
	else
		buffer_add_view(&l->carried, part);
}

/* The carried line with its end, which lies in the block; empty when it is too long or does not end here. */
static struct view complete(struct audit_lines *l, struct view *block)
{
	const uint8_t *end = memchr(block->bytes, '\n', block->size);
	struct view part =
		view_of(block->bytes, end ? (size_t)(end - block->bytes) + 1 : block->size);
	*block = view_skip(*block, part.size);
	if (!l->is_skipping && l->carried.size + part.size > AUDIT_ITEM_MAX)
		skip(l, buffer_view(&l->carried));
	if (l->is_skipping) {
		l->is_skipping = !end;
		return (struct view){0};
	}
	buffer_add_view(&l->carried, part);
	l->is_given = end;
	return end ? buffer_view(&l->carried) : (struct view){0};
}

struct view audit_lines_next(struct audit_lines *l, struct view *block)
{
	if (l->is_given)
		l->carried.size = 0;
	l->is_given = false;
	if (block->size && (l->carried.size || l->is_skipping)) {
		struct view line = complete(l, block);
		if (line.size)
			return line;
	}
	if (block->size == 0 || l->carried.failed)
		return (struct view){0};
	const uint8_t *end = memrchr(block->bytes, '\n', block->size);
	struct view run = view_of(block->bytes, end ? (size_t)(end - block->bytes) + 1 : 0);
	carry(l, view_skip(*block, run.size));
	*block = (struct view){0};
	return run;
}

struct view audit_lines_last(struct audit_lines *l)
{
	if (l->is_given)
		l->carried.size = 0;
	l->is_given = true;
	return l->is_skipping ? (struct view){0} : buffer_view(&l->carried);
}
