/* number.h - unsigned numbers as ASCII digits, in the one form that the log's formats allow: no sign,
 * no leading zero. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

static inline bool number_parse(struct view text, uint64_t *ret)
{
	uint64_t value = 0;
	if (text.size == 0 || (text.size > 1 && text.bytes[0] == '0'))
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.bytes[i] < '0' || text.bytes[i] > '9' ||
		    __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text.bytes[i] - '0'), &value))
			return false;
	}
	*ret = value;
	return true;
}
