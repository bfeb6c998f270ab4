/* utf8.h - UTF-8, one character at a time: whether it is well-formed, and writing it. Source: RFC 3629 s3 and s4. */
#pragma once

#include "base/view.h"

enum { UTF8_SIZE_MAX = 4 };

/* Bytes of the well-formed character that `v` starts with; 0 when there is none. */
static inline size_t utf8_size(struct view v)
{
	uint8_t c = v.size ? v.bytes[0] : 0xff;
	size_t size = c < 0x80                ? 1
	              : c >= 0xc2 && c < 0xe0 ? 2
	              : (c & 0xf0) == 0xe0    ? 3
	              : c >= 0xf0 && c < 0xf5 ? 4
	                                      : 0;
	if (size == 0 || size > v.size)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((v.bytes[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((c == 0xe0 && v.bytes[1] < 0xa0) || (c == 0xed && v.bytes[1] > 0x9f) ||
	    (c == 0xf0 && v.bytes[1] < 0x90) || (c == 0xf4 && v.bytes[1] > 0x8f))
		return 0;
	return size;
}

static inline bool utf8_is_valid(struct view v)
{
	while (v.size) {
		size_t size = utf8_size(v);
		if (size == 0)
			return false;
		v = view_skip(v, size);
	}
	return true;
}

/* Writes the character of a number below 0x110000, whatever it stands for; returns its size. */
static inline size_t utf8_write(uint32_t code, uint8_t ret[static UTF8_SIZE_MAX])
{
	static const uint8_t leads[] = {0, 0xc0, 0xe0, 0xf0};
	unsigned more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	ret[0] = (uint8_t)(leads[more] | code >> 6 * more);
	for (unsigned i = 1; i <= more; i++)
		ret[i] = (uint8_t)(0x80 | (code >> 6 * (more - i) & 0x3f));
	return 1 + more;
}
