#include "audit/inflater.h"

#include "audit/inflater_kinds.h"

#define MAGIC(text)                                       \
	{                                                 \
		(const uint8_t *)(text), sizeof(text) - 1 \
	}

const struct inflater_kind inflater_kinds[] = {
	{"gz", MAGIC("\x1f\x8b\x08"), inflater_gz_open, inflater_gz_step, inflater_gz_close},
	{"zst", MAGIC("\x28\xb5\x2f\xfd"), inflater_zst_open, inflater_zst_step,
         inflater_zst_close},
	{"xz",
         MAGIC("\xfd"
               "7zXZ\0"),
         inflater_xz_open, inflater_xz_step, inflater_xz_close},
	{"utf-16", MAGIC("\xff\xfe"), inflater_utf16_open, inflater_utf16_step,
         inflater_utf16_close, true},
	{"utf-16", MAGIC("\xfe\xff"), inflater_utf16_big_open, inflater_utf16_step,
         inflater_utf16_close, true},
	{0},
};

const struct inflater_kind *inflater_kind_find(struct view first)
{
	for (const struct inflater_kind *k = inflater_kinds; k->name; k++) {
		if (view_starts_with(first, k->magic))
			return k;
	}
	return NULL;
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
	while (left) {
		/* what follows a member and begins no other is padding: all tools leave it */
		if (i->is_at_end && (!in->size || in->bytes[0] != i->kind->magic.bytes[0])) {
			*in = (struct view){0};
			break;
		}
		bool is_end = false;
		const size_t in_before = in->size, left_before = left;
		int code = i->kind->step(i->state, in, &at, &left, &is_end);
		if (code < 0)
			return code;
		i->is_at_end = is_end;
		/* without input it may still hold output */
		if (!is_end && in->size == in_before && left == left_before)
			break;
	}
	return (int)(at - room);
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
