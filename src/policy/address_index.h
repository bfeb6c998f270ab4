/* address_index.h - from an IP address to the values of every prefix that holds it.
 *
 * What:    pure look-ups in one flat block of bytes (name_index.h says how such blocks are used), and
 *          the builder of that block. One binary search, then a walk up through the prefixes around.
 * Owns:    the index borrows the block; the builder owns heap memory until done.
 * Fails:   open checks sizes in constant time; an altered block gives wrong answers but is never read
 *          outside its bounds.
 * Form:    addresses are 4 or 16 bytes in network order. IPv4-mapped IPv6 (::ffff:a.b.c.d) is IPv4:
 *          both in look-ups and for prefixes of 96 bits and more. Shorter IPv6 prefixes (::/0) hold no
 *          IPv4 address.
 * Threads: any, at the same time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/view.h"

struct address_match {
	uint32_t value;
	uint8_t bits; /* length of the prefix, of 32 for IPv4 and of 128 for IPv6 */
};

struct address_index {
	uint32_t count4, count6;
	/* below: private */
	const uint8_t *keys4, *keys6, *links4, *links6, *bits4, *bits6;
};

/* Opens a block of exactly these bytes. ERR_TRUNCATED, ERR_VERSION, ERR_MALFORMED. */
int address_index_open(struct view block, struct address_index *ret) must_check;

/* Writes every entry that holds the address, longest prefix first, then by value. Returns how many
 * were written: 0 when none does or `size` is neither 4 nor 16, at most `max` (the longest ones). */
size_t address_index_find(const struct address_index *index, const uint8_t *address, size_t size,
                          struct address_match *ret, size_t max);

/* The i-th prefix: of count4, then count6. Returns the size of its addresses, 4 or 16; `ret_address` gets that many
 * bytes. */
size_t address_index_at(const struct address_index *index, uint32_t i,
                        uint8_t ret_address[static 16], unsigned *ret_bits);

struct address_index_builder {
	size_t count; /* prefixes added, repeats included */
	/* below: private */
	size_t count_max;
	struct buffer entries;
};

void address_index_builder_init(struct address_index_builder *b, size_t count_max);
void address_index_builder_done(struct address_index_builder *b);

/* Bits of `address` after the first `bits` are ignored. ERR_INVALID for a size that is neither 4 nor
 * 16 or too many bits, ERR_LIMIT over `count_max`, -ENOMEM. */
int address_index_builder_add(struct address_index_builder *b, const uint8_t *address, size_t size,
                              unsigned bits, uint32_t value) must_check;
/* Appends the block to `ret` and empties the builder. The bytes depend only on the set of (prefix,
 * value), not on order or repeats. On failure `ret` is as it was. */
int address_index_builder_finish(struct address_index_builder *b, struct buffer *ret) must_check;
