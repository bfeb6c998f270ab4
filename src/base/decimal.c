#include "base/decimal.h"

#include <assert.h>

int decimal_parse(struct view text, size_t digits_max, uint64_t *ret)
{
	uint64_t value = 0;
	assert(digits_max <= DECIMAL_DIGITS_MAX);
	if (text.size == 0 || text.size > digits_max)
		return ERR_MALFORMED;
	for (size_t i = 0; i < text.size; i++) {
		if (text.bytes[i] < '0' || text.bytes[i] > '9')
			return ERR_MALFORMED;
		value = value * 10 + (text.bytes[i] - '0');
	}
	*ret = value;
	return OK;
}
