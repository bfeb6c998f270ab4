/* address.h - an IPv4 or IPv6 address, without a port.
 *
 * Source: RFC 4291 s2.2, RFC 5952 (text form). IPv4-mapped IPv6 addresses are kept as IPv4. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/prefix.h"
#include "base/view.h"

enum { ADDRESS_TEXT_SIZE = PREFIX_TEXT_SIZE };

struct address {
	uint8_t size; /* 4, 16, or 0 for none */
	uint8_t bytes[16];
};

/* ERR_MALFORMED when it is neither. */
int address_parse(struct view text, struct address *ret) must_check;
/* Writes "-" for none. Returns `text`. */
const char *address_print(const struct address *a, char text[static ADDRESS_TEXT_SIZE]);
/* From 4 or 16 bytes in network order; any other size gives none. */
struct address address_from_bytes(const void *bytes, size_t size);

static inline bool address_equal(const struct address *a, const struct address *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}
