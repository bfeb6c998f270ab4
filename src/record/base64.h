/* base64.h - base64 as the log's text formats have it: padded, no white space, no stray bits.
 *
 * Source:  RFC 4648 s4. */
#pragma once

#include <sodium.h>
#include <sys/types.h>

#include "record/merkle.h"

enum { BASE64_HASH_SIZE = 45 };

/* Returns the number of bytes, or -1. libsodium takes some bytes over 0x7f for digits, so that one value
 * would have several texts; hence the look at each. */
static inline ssize_t base64_read(struct view text, uint8_t *bytes, size_t size_max)
{
	size_t size;
	for (size_t i = 0; i < text.size; i++) {
		if (text.bytes[i] >= 0x80)
			return -1;
	}
	if (text.size == 0 ||
	    sodium_base642bin(bytes, size_max, (const char *)text.bytes, text.size, NULL, &size,
	                      NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return -1;
	return (ssize_t)size;
}

/* Accepts only what base64_print_hash() writes. */
static inline bool base64_read_hash(struct view text, struct merkle_hash *ret)
{
	struct merkle_hash hash;
	if (text.size != BASE64_HASH_SIZE - 1 ||
	    base64_read(text, hash.bytes, HASH_SIZE) != HASH_SIZE)
		return false;
	*ret = hash;
	return true;
}

static inline const char *base64_print_hash(const struct merkle_hash *hash,
                                            char text[static BASE64_HASH_SIZE])
{
	return sodium_bin2base64(text, BASE64_HASH_SIZE, hash->bytes, HASH_SIZE,
	                         sodium_base64_VARIANT_ORIGINAL);
}
