/* name_index_form.h - the form of a name index block: shared by name_index.c and its builder only.
 *
 *	header    NAME_INDEX_HEADER_SIZE bytes, fields at the offsets below
 *	filter    blocks * 64 bytes: a Bloom filter whose probe stays in one cache line
 *	offsets   (buckets + 1) * 4 bytes: where each bucket's records begin, and the end of the last
 *	records   names in order of bucket: [size][name in wire form without its root label][entries]
 *
 * An entry is `value << 3 | more << 2 | rule` in groups of seven bits, low ones first, the top bit of
 * a byte saying that another follows; `more` says that another entry of the same name follows.
 *
 * The hash of a name continues that of its parent, so the hashes of all suffixes cost one pass from
 * the right. A label of up to 15 bytes is one multiplication. Secrets from the seed go into each. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "policy/flat.h"

#define NAME_INDEX_MAGIC   UINT32_C(0x58444e57) /* "WNDX" */
#define NAME_INDEX_VERSION UINT32_C(1)

enum {
	AT_MAGIC = 0,
	AT_VERSION = 4,
	AT_SEED = 8,
	AT_NAMES = 16,
	AT_VALUES = 20,
	AT_BLOCKS = 24,
	AT_BUCKETS = 28,
	AT_RECORDS_SIZE = 32,
	AT_WHOLE = 48, /* name_index.h: whole, part */
	AT_PART = 64,
	NAME_INDEX_HEADER_SIZE = 128,

	FILTER_BLOCK_SIZE = 64,
	FILTER_BITS_PER_NAME = 12,
	ENTRY_SIZE_MAX = 5, /* 35 bits in groups of seven */
	ENTRY_RULE_BITS = 3,
	ENTRY_MORE = 4,
	HASH_STEP = 16, /* bytes that one multiplication takes */
};

static inline uint64_t name_hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* splitmix64: any seed, zero included, gives two unrelated secrets. */
static inline void name_hash_secrets(uint64_t seed, uint64_t ret[2])
{
	for (int i = 0; i < 2; i++) {
		seed += UINT64_C(0x9e3779b97f4a7c15);
		uint64_t z = (seed ^ seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		ret[i] = z ^ z >> 31;
	}
}

static inline uint64_t name_hash_step(uint64_t hash, uint64_t low, uint64_t high,
                                      const uint64_t secret[2])
{
	return name_hash_fold(low ^ secret[0], high ^ hash);
}

/* The hash of no label is secret[1]; `label` points to its length byte. `room` says how many bytes
 * may be read there, which lets short labels be read without a branch on their length. */
static inline uint64_t name_hash_label(uint64_t hash, const uint8_t *label, size_t room,
                                       const uint64_t secret[2])
{
	static const uint8_t window[2 * HASH_STEP] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	};
	size_t size = label[0] + 1u;
	if (__builtin_expect(size <= HASH_STEP && room >= HASH_STEP, 1)) {
		const uint8_t *mask = window + HASH_STEP - size;
		return name_hash_step(hash, flat_u64(label) & flat_u64(mask),
		                      flat_u64(label + 8) & flat_u64(mask + 8), secret);
	}
	uint8_t padded[64 + HASH_STEP] = {0};
	memcpy(padded, label, size & 127);
	for (size_t at = 0; at < size; at += HASH_STEP)
		hash = name_hash_step(hash, flat_u64(padded + at), flat_u64(padded + at + 8),
		                      secret);
	return hash;
}

/* Maps the top half of a hash to [0, count) in ascending order, so that sorting by it sorts by
 * bucket. */
static inline uint32_t name_hash_reduce(uint64_t hash, uint32_t count)
{
	return (uint32_t)((hash >> 32) * count >> 32);
}

/* Six bits in two of the eight words of the block. */
struct filter_probe {
	size_t at[2]; /* offsets in the filter */
	uint64_t bits[2];
};

static inline struct filter_probe filter_probe(uint64_t hash, uint32_t blocks)
{
	size_t block = (size_t)name_hash_reduce(hash, blocks) * FILTER_BLOCK_SIZE;
	return (struct filter_probe){
		.at = {block + (hash & 7) * 8, block + (hash >> 3 & 7) * 8},
		.bits = {UINT64_C(1) << (hash >> 6 & 63) | UINT64_C(1) << (hash >> 12 & 63) |
	                         UINT64_C(1) << (hash >> 18 & 63),
	                 UINT64_C(1) << (hash >> 24 & 63) | UINT64_C(1) << (hash >> 30 & 63) |
	                         UINT64_C(1) << (hash >> 36 & 63)},
	};
}
