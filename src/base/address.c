#include "base/address.h"

#include "base/prefix.h"

static const uint8_t mapped[12] = {[10] = 0xff, 0xff};

struct address address_from_bytes(const void *bytes, size_t size)
{
	struct address a = {0};
	const uint8_t *from = bytes;
	if (size == 16 && memcmp(from, mapped, sizeof(mapped)) == 0) {
		from += sizeof(mapped);
		size = 4;
	}
	if (size == 4 || size == 16) {
		a.size = (uint8_t)size;
		memcpy(a.bytes, from, size);
	}
	return a;
}

int address_parse(struct view text, struct address *ret)
{
	uint8_t bytes[16];
	enum address_family family;
	int r = prefix_parse_address(text, bytes, &family);
	if (r < 0)
		return r;
	*ret = address_from_bytes(bytes, family == ADDRESS_V4 ? 4 : 16);
	return OK;
}

const char *address_print(const struct address *a, char text[static ADDRESS_TEXT_SIZE])
{
	enum address_family family = a->size == 4    ? ADDRESS_V4
	                             : a->size == 16 ? ADDRESS_V6
	                                             : ADDRESS_NONE;
	return prefix_print_address(a->bytes, family, text);
}
