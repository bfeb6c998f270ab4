#include "base/base64url.h"

/* The digit's value, or 64 and more for any other byte. */
static unsigned digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26U;
	if (c >= '0' && c <= '9')
		return c - '0' + 52U;
	return c == '-' ? 62 : c == '_' ? 63 : 64;
}

int base64url_decode(struct view text, uint8_t *room, size_t room_size, size_t *ret_size)
{
	size_t size = text.size / 4 * 3 + text.size % 4 * 3 / 4;
	uint32_t bits = 0;
	unsigned bit_count = 0;
	if (text.size % 4 == 1)
		return ERR_MALFORMED;
	if (size > room_size)
		return ERR_LIMIT;
	for (size_t i = 0; i < text.size; i++) {
		unsigned value = digit(text.bytes[i]);
		if (value >= 64)
			return ERR_MALFORMED;
		bits = bits << 6 | value;
		bit_count += 6;
		if (bit_count >= 8) {
			bit_count -= 8;
			*room++ = (uint8_t)(bits >> bit_count);
		}
	}
	if (bits & ((1U << bit_count) - 1))
		return ERR_MALFORMED;
	*ret_size = size;
	return OK;
}
