/* address_index_form.h - the form of an address index block: shared by address_index.c and its
 * builder only.
 *
 *	header   ADDRESS_INDEX_HEADER_SIZE bytes, fields at the offsets below
 *	keys     the first address of each prefix as a number: 16 bytes each for IPv6, then 4 for IPv4
 *	links    [place of the nearest prefix around it + 1, or 0][value], IPv6 then IPv4
 *	bits     one byte each: length of the prefix, IPv6 then IPv4
 *
 * Within a family prefixes stand in order of first address, then length, so that a prefix comes after
 * all that hold it. Entries of one prefix follow each other, the highest value first, and count as
 * around one another. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "policy/flat.h"

#define ADDRESS_INDEX_MAGIC   UINT32_C(0x58444157) /* "WADX" */
#define ADDRESS_INDEX_VERSION UINT32_C(1)

enum {
	AT_MAGIC = 0,
	AT_VERSION = 4,
	AT_COUNT4 = 8,
	AT_COUNT6 = 12,
	ADDRESS_INDEX_HEADER_SIZE = 64,

	KEY4_SIZE = 4,
	KEY6_SIZE = 16,
	LINK_SIZE = 8,
};

/* An address as a number; IPv4 in the low 32 bits. */
typedef unsigned __int128 address_key;

static inline address_key address_key_of(const uint8_t *address, size_t size)
{
	address_key key = 0;
	for (size_t i = 0; i < size; i++)
		key = key << 8 | address[i];
	return key;
}

static inline bool address_is_ipv4(const uint8_t *address, size_t size)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	return size == 4 || memcmp(address, mapped, sizeof(mapped)) == 0;
}

/* The first `bits` of a number of `bits_max`. */
static inline address_key address_mask(unsigned bits, unsigned bits_max)
{
	return bits ? ~(address_key)0 << (bits_max - bits) : 0;
}
