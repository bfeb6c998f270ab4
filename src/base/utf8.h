/* utf8.h - well-formed UTF-8, one character at a time. Source: RFC 3629 s4. */
#pragma once

#include "base/view.h"

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
