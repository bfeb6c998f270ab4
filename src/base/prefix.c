#include "base/prefix.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

enum { V4_BITS = 32, V6_BITS = 128, MAPPED_BITS = 96, MAPPED_BYTES = 12 };

static const uint8_t mapped[MAPPED_BYTES] = {[10] = 0xff, [11] = 0xff};

/* Reads what is written, without turning a mapped address into IPv4. */
static int parse_written(struct view text, struct prefix *ret)
{
	char copy[INET6_ADDRSTRLEN];
	if (text.size == 0 || text.size >= sizeof(copy) || memchr(text.bytes, 0, text.size))
		return ERR_MALFORMED;
	memcpy(copy, text.bytes, text.size);
	copy[text.size] = 0;
	bool is_v6 = memchr(copy, ':', text.size);
	struct prefix p = {.bits = is_v6 ? V6_BITS : V4_BITS,
	                   .family = is_v6 ? ADDRESS_V6 : ADDRESS_V4};
	if (inet_pton(is_v6 ? AF_INET6 : AF_INET, copy, p.bytes) != 1)
		return ERR_MALFORMED;
	*ret = p;
	return OK;
}

static void unmap(struct prefix *p)
{
	if (p->family != ADDRESS_V6 || p->bits < MAPPED_BITS ||
	    memcmp(p->bytes, mapped, MAPPED_BYTES) != 0)
		return;
	struct prefix v4 = {.bits = (uint8_t)(p->bits - MAPPED_BITS), .family = ADDRESS_V4};
	memcpy(v4.bytes, p->bytes + MAPPED_BYTES, 4);
	*p = v4;
}

int prefix_parse_address(struct view text, uint8_t ret_bytes[static 16],
                         enum address_family *ret_family)
{
	struct prefix p;
	int r = parse_written(text, &p);
	if (r < 0)
		return r;
	unmap(&p);
	memcpy(ret_bytes, p.bytes, sizeof(p.bytes));
	*ret_family = p.family;
	return OK;
}

/* inet_ntop() has the same through sprintf(). */
static void print_v4(const uint8_t bytes[static 4], char *text)
{
	for (size_t i = 0; i < 4; i++) {
		uint8_t byte = bytes[i];
		if (i)
			*text++ = '.';
		if (byte >= 100)
			*text++ = (char)('0' + byte / 100);
		if (byte >= 10)
			*text++ = (char)('0' + byte / 10 % 10);
		*text++ = (char)('0' + byte % 10);
	}
	*text = '\0';
}

const char *prefix_print_address(const uint8_t bytes[static 16], enum address_family family,
                                 char text[static PREFIX_TEXT_SIZE])
{
	if (family == ADDRESS_NONE)
		return memcpy(text, "-", 2);
	if (family == ADDRESS_V4)
		print_v4(bytes, text);
	else
		inet_ntop(AF_INET6, bytes, text, PREFIX_TEXT_SIZE);
	return text;
}

/* Decimal without leading zeros, at most `max`; -1 otherwise. */
static int parse_bits(struct view text, int max)
{
	uint64_t value;
	if (text.size > 1 && text.bytes[0] == '0')
		return -1;
	if (decimal_parse(text, 3, &value) < 0 || value > (uint64_t)max)
		return -1;
	return (int)value;
}

/* The bits of byte `i` that belong to the first `bits` of the address. */
static uint8_t mask_byte(unsigned bits, size_t i)
{
	if (bits >= 8 * (i + 1))
		return 0xff;
	return bits <= 8 * i ? 0 : (uint8_t)(0xff << (8 - bits % 8));
}

int prefix_parse(struct view text, struct prefix *ret)
{
	struct view rest = text;
	struct view address = view_split(&rest, '/');
	struct prefix p;
	int r = parse_written(address, &p);
	if (r < 0)
		return r;
	if (address.size < text.size) {
		int bits = parse_bits(rest, p.bits);
		if (bits < 0)
			return ERR_MALFORMED;
		p.bits = (uint8_t)bits;
	}
	for (size_t i = 0; i < (p.family == ADDRESS_V4 ? 4 : sizeof(p.bytes)); i++) {
		if (p.bytes[i] & ~mask_byte(p.bits, i))
			return ERR_INVALID;
	}
	unmap(&p);
	*ret = p;
	return OK;
}

const char *prefix_print(const struct prefix *p, char text[static PREFIX_TEXT_SIZE])
{
	prefix_print_address(p->bytes, p->family, text);
	size_t size = strlen(text);
	if (p->family != ADDRESS_NONE && p->bits < (p->family == ADDRESS_V4 ? V4_BITS : V6_BITS))
		(void)snprintf(text + size, PREFIX_TEXT_SIZE - size, "/%u", p->bits);
	return text;
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->family == b->family && a->bits == b->bits &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool prefix_contains(const struct prefix *p, const uint8_t bytes[static 16],
                     enum address_family family)
{
	if (p->family != family || family == ADDRESS_NONE)
		return false;
	for (size_t i = 0; i < (size_t)(p->bits + 7) / 8; i++) {
		if ((p->bytes[i] ^ bytes[i]) & mask_byte(p->bits, i))
			return false;
	}
	return true;
}
