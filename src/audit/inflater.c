#include "audit/inflater.h"

#include <string.h>

#include "audit/inflater_kinds.h"

#define MAGIC(text)                                       \
	{                                                 \
		(const uint8_t *)(text), sizeof(text) - 1 \
	}

const struct inflater_kind inflater_kinds[] = {
	{"gz", MAGIC("\x1f\x8b\x08"), inflater_gz_open, inflater_gz_step, inflater_gz_close},
	{"zst", MAGIC("\x28\xb5\x2f\xfd"), inflater_zst_open, inflater_zst_step, inflater_zst_close,
         .has_skipped = true},
	{"xz",
         MAGIC("\xfd"
               "7zXZ\0"),
         inflater_xz_open, inflater_xz_step, inflater_xz_close},
	{"utf-16", MAGIC("\xff\xfe"), inflater_utf16_open, inflater_utf16_step,
         inflater_utf16_close, .has_no_end = true},
	{"utf-16", MAGIC("\xfe\xff"), inflater_utf16_big_open, inflater_utf16_step,
         inflater_utf16_close, .has_no_end = true},
	{0},
};

/* 50 to 5f 2a 4d 18 */
static bool begins_skipped(struct view first)
{
	return first.size >= 4 && (first.bytes[0] & 0xf0) == 0x50 &&
	       memcmp(first.bytes + 1, "\x2a\x4d\x18", 3) == 0;
}

const struct inflater_kind *inflater_kind_find(struct view first)
{
	for (const struct inflater_kind *k = inflater_kinds; k->name; k++) {
		if (view_starts_with(first, k->magic) || (k->has_skipped && begins_skipped(first)))
			return k;
	}
	return NULL;
}

/* Whether the input goes on with another member, as its first byte tells. Zeros between them are padding; anything else
 * is not of the archive, and is not passed over. */
static int begin_next(const struct inflater *i, struct view *in)
{
	while (in->size && in->bytes[0] == 0)
		*in = view_skip(*in, 1);
	if (in->size == 0)
		return 0;
	uint8_t first = in->bytes[0];
	bool is_member = first == i->kind->magic.bytes[0] ||
	                 (i->kind->has_skipped && (first & 0xf0) == 0x50);
	return is_member ? 1 : ERR_MALFORMED;
}

int inflater_open(const struct inflater_kind *kind, struct inflater *ret)
{
	void *state = NULL;
	int code = kind->open(&state);
	if (code == OK)
		*ret = (struct inflater){.kind = kind, .state = state};
	return code;
}

int inflater_read(struct inflater *i, struct view *in, uint8_t *room, size_t size)
{
	uint8_t *at = room;
	size_t left = size;
	while (left && i->failed == OK) {
		int code = i->is_at_end ? begin_next(i, in) : 1;
		if (code == 0)
			break;
		bool is_end = false;
		const size_t in_before = in->size, left_before = left;
		if (code > 0)
			code = i->kind->step(i->state, in, &at, &left, &is_end);
		if (code < 0) {
			i->failed = code;
			break;
		}
		i->is_at_end = is_end;
		/* without input it may still hold output */
		if (!is_end && in->size == in_before && left == left_before)
			break;
	}
	/* what came before is given out first */
	return at == room && i->failed < 0 ? i->failed : (int)(at - room);
}

int inflater_finish(const struct inflater *i)
{
	return i->is_at_end || i->kind->has_no_end ? OK : ERR_TRUNCATED;
}

void inflater_close(struct inflater *i)
{
	if (i->kind)
		i->kind->close(i->state);
	*i = (struct inflater){0};
}
