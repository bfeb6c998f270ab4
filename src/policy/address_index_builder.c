#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "policy/address_index.h"
#include "policy/address_index_form.h"

/* One added prefix, as it lies in the builder. */
struct prefix_entry {
	address_key key;
	uint32_t value;
	uint8_t bits;
	bool is_ipv4;
};

enum { PREFIXES_MAX = 1 << 26 };

void address_index_builder_init(struct address_index_builder *b, size_t count_max)
{
	*b = (struct address_index_builder){.count_max = count_max < PREFIXES_MAX ? count_max
	                                                                          : PREFIXES_MAX};
}

void address_index_builder_done(struct address_index_builder *b)
{
	buffer_done(&b->entries);
	b->count = 0;
}

int address_index_builder_add(struct address_index_builder *b, const uint8_t *address, size_t size,
                              unsigned bits, uint32_t value)
{
	if ((size != 4 && size != 16) || bits > size * 8)
		return ERR_INVALID;
	if (b->count >= b->count_max)
		return ERR_LIMIT;
	struct prefix_entry entry = {.key = address_key_of(address, size), .value = value};
	entry.is_ipv4 = address_is_ipv4(address, size) && (size == 4 || bits >= 96);
	if (entry.is_ipv4) {
		bits -= size == 16 ? 96 : 0;
		entry.key = (uint32_t)entry.key & address_mask(bits, 32);
	} else {
		entry.key &= address_mask(bits, 128);
	}
	entry.bits = (uint8_t)bits;
	buffer_add(&b->entries, &entry, sizeof(entry));
	if (b->entries.failed)
		return -ENOMEM;
	b->count++;
	return OK;
}

/* IPv6 first, then by address, length, and value downwards: look-ups walk from the end. */
static int compare_entries(const void *left, const void *right)
{
	const struct prefix_entry *a = left, *b = right;
	if (a->is_ipv4 != b->is_ipv4)
		return a->is_ipv4 - b->is_ipv4;
	if (a->key != b->key)
		return a->key > b->key ? 1 : -1;
	if (a->bits != b->bits)
		return a->bits - b->bits;
	return (a->value < b->value) - (a->value > b->value);
}

static size_t drop_repeats(struct prefix_entry *entries, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || compare_entries(&entries[kept - 1], &entries[i]) != 0)
			entries[kept++] = entries[i];
	}
	return kept;
}

static bool is_around(const struct prefix_entry *outer, const struct prefix_entry *inner)
{
	unsigned bits_max = inner->is_ipv4 ? 32 : 128;
	return outer->bits <= inner->bits &&
	       ((outer->key ^ inner->key) & address_mask(outer->bits, bits_max)) == 0;
}

/* Writes one family's arrays. The links of the prefixes around the last one are a path upwards, so
 * the nearest around the next one is found on that path. */
static void write_family(const struct prefix_entry *entries, uint32_t count, uint8_t *keys,
                         size_t key_size, uint8_t *links, uint8_t *bits)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct prefix_entry *entry = &entries[i];
		flat_put_u32(keys + key_size * i, (uint32_t)entry->key);
		if (key_size == KEY6_SIZE) {
			flat_put_u64(keys + key_size * i, (uint64_t)entry->key);
			flat_put_u64(keys + key_size * i + 8, (uint64_t)(entry->key >> 64));
		}
		uint32_t around = i;
		while (around && !is_around(&entries[around - 1], entry))
			around = flat_u32(links + (size_t)LINK_SIZE * (around - 1));
		flat_put_u32(links + (size_t)LINK_SIZE * i, around);
		flat_put_u32(links + (size_t)LINK_SIZE * i + 4, entry->value);
		bits[i] = entry->bits;
	}
}

int address_index_builder_finish(struct address_index_builder *b, struct buffer *ret)
{
	size_t count = b->count;
	if (count)
		qsort(b->entries.bytes, count, sizeof(struct prefix_entry), compare_entries);
	struct prefix_entry *entries = (struct prefix_entry *)(void *)b->entries.bytes;
	count = drop_repeats(entries, count);
	uint32_t count6 = 0;
	while (count6 < count && !entries[count6].is_ipv4)
		count6++;
	uint32_t count4 = (uint32_t)count - count6;
	size_t size = ADDRESS_INDEX_HEADER_SIZE + (size_t)count4 * (KEY4_SIZE + LINK_SIZE + 1) +
	              (size_t)count6 * (KEY6_SIZE + LINK_SIZE + 1);
	uint8_t *block = buffer_space(ret, size);
	if (!block)
		return -ENOMEM;
	memset(block, 0, ADDRESS_INDEX_HEADER_SIZE);
	flat_put_u32(block + AT_MAGIC, ADDRESS_INDEX_MAGIC);
	flat_put_u32(block + AT_VERSION, ADDRESS_INDEX_VERSION);
	flat_put_u32(block + AT_COUNT4, count4);
	flat_put_u32(block + AT_COUNT6, count6);
	uint8_t *keys6 = block + ADDRESS_INDEX_HEADER_SIZE;
	uint8_t *keys4 = keys6 + (size_t)count6 * KEY6_SIZE;
	uint8_t *links6 = keys4 + (size_t)count4 * KEY4_SIZE;
	uint8_t *links4 = links6 + (size_t)count6 * LINK_SIZE;
	uint8_t *bits6 = links4 + (size_t)count4 * LINK_SIZE;
	write_family(entries, count6, keys6, KEY6_SIZE, links6, bits6);
	if (count4)
		write_family(entries + count6, count4, keys4, KEY4_SIZE, links4, bits6 + count6);
	address_index_builder_done(b);
	return OK;
}
