/* utf16.h - text of UTF-16, as Windows writes it, to UTF-8.
 *
 * What:    in blocks of any size, without the mark at its begin, which says that it is UTF-16 and of which order. Half a pair
 *          becomes U+FFFD; half a unit at the end says nothing.
 * Fails:   never.
 * Threads: one a struct.
 * Source:  RFC 2781. */
#pragma once

#include "base/view.h"

struct utf16 {
	bool is_big, has_mark, has_byte, has_high;
	uint8_t byte;   /* of a unit that is not whole */
	uint16_t high;  /* of a pair that is not whole */
	uint8_t out[8]; /* what there was no room for */
	uint8_t out_size, out_at;
};

/* False: its mark is not there. */
bool utf16_begin(struct view first, struct utf16 *ret);
/* Takes from `in` and moves it. Returns the bytes written; with `in` used up, fewer than `size` are all there are yet. */
size_t utf16_decode(struct utf16 *u, struct view *in, uint8_t *room, size_t size);
