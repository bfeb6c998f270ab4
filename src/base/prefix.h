/* prefix.h - an IPv4 or IPv6 address, or a block of them, and its text form.
 *
 * What:    pure functions. Bits after the first `bits` are always zero, so two prefixes are the same
 *          block exactly when their bytes, bits and families are equal.
 * Source:  RFC 4291 s2.2 and RFC 5952 (text of IPv6), RFC 4632 s3.1 (CIDR). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum address_family {
	ADDRESS_NONE = 0, /* not set */
	ADDRESS_V4 = 4,   /* in the first four of the 16 bytes, the others zero */
	ADDRESS_V6 = 6,
};

enum { PREFIX_TEXT_SIZE = 64 };

struct prefix {
	uint8_t bytes[16];
	uint8_t bits;   /* 0 to 32, 0 to 128 */
	uint8_t family; /* enum address_family */
};

/* Reads the address alone; *ret_bytes gets 16 bytes. An IPv4-mapped IPv6 address (::ffff:192.0.2.1) is
 * read as the IPv4 address that it stands for. ERR_MALFORMED; zones (%eth0) are not accepted. */
int prefix_parse_address(struct view text, uint8_t ret_bytes[static 16],
                         enum address_family *ret_family) must_check;
/* Writes `192.0.2.1`, `2001:db8::1`, or `-` for ADDRESS_NONE. Returns `text`. */
const char *prefix_print_address(const uint8_t bytes[static 16], enum address_family family,
                                 char text[static PREFIX_TEXT_SIZE]);

/* Reads `192.0.2.0/24`, `2001:db8::/32`, or an address alone (all its bits). ERR_MALFORMED; ERR_INVALID
 * when a bit after the prefix is set, since such a text says two things. */
int prefix_parse(struct view text, struct prefix *ret) must_check;
/* The length is left out for a single address. Returns `text`. */
const char *prefix_print(const struct prefix *p, char text[static PREFIX_TEXT_SIZE]);

bool prefix_equal(const struct prefix *a, const struct prefix *b);
/* Whether the address lies in the block; never across families. */
bool prefix_contains(const struct prefix *p, const uint8_t bytes[static 16],
                     enum address_family family);
