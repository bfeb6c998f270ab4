#include "policy/address_index.h"

#include "policy/address_index_form.h"

int address_index_open(struct view block, struct address_index *ret)
{
	if (block.size < ADDRESS_INDEX_HEADER_SIZE)
		return ERR_TRUNCATED;
	const uint8_t *b = block.bytes;
	if (flat_u32(b + AT_MAGIC) != ADDRESS_INDEX_MAGIC)
		return ERR_MALFORMED;
	if (flat_u32(b + AT_VERSION) != ADDRESS_INDEX_VERSION)
		return ERR_VERSION;
	struct address_index index = {
		.count4 = flat_u32(b + AT_COUNT4),
		.count6 = flat_u32(b + AT_COUNT6),
	};
	uint64_t count4 = index.count4, count6 = index.count6;
	uint64_t need = ADDRESS_INDEX_HEADER_SIZE + count4 * (KEY4_SIZE + LINK_SIZE + 1) +
	                count6 * (KEY6_SIZE + LINK_SIZE + 1);
	if (block.size != need)
		return block.size < need ? ERR_TRUNCATED : ERR_MALFORMED;
	index.keys6 = b + ADDRESS_INDEX_HEADER_SIZE;
	index.keys4 = index.keys6 + count6 * KEY6_SIZE;
	index.links6 = index.keys4 + count4 * KEY4_SIZE;
	index.links4 = index.links6 + count6 * LINK_SIZE;
	index.bits6 = index.links4 + count4 * LINK_SIZE;
	index.bits4 = index.bits6 + count6;
	*ret = index;
	return OK;
}

/* Both searches return how many keys are not above `address`; the loop has no branch to guess. */
static uint32_t count_keys4(const struct address_index *index, uint32_t address)
{
	uint32_t base = 0;
	for (uint32_t left = index->count4; left > 0;) {
		uint32_t half = (left + 1) / 2;
		base += flat_u32(index->keys4 + (size_t)KEY4_SIZE * (base + half - 1)) <= address
		                ? half
		                : 0;
		left -= half;
	}
	return base;
}

static address_key read_key6(const uint8_t *at)
{
	return (address_key)flat_u64(at + 8) << 64 | flat_u64(at);
}

static uint32_t count_keys6(const struct address_index *index, address_key address)
{
	uint32_t base = 0;
	for (uint32_t left = index->count6; left > 0;) {
		uint32_t half = (left + 1) / 2;
		base += read_key6(index->keys6 + (size_t)KEY6_SIZE * (base + half - 1)) <= address
		                ? half
		                : 0;
		left -= half;
	}
	return base;
}

/* One family, for the walk from the last prefix that begins at or before the address. */
struct family {
	const uint8_t *links, *bits;
	unsigned bits_max;
};

/* A prefix that holds the address and is not `at` itself is one of those around `at`; the nearest is
 * its link. Links lead to lower places only, so the walk ends whatever the block holds. */
static size_t walk(const struct family *family, uint32_t at,
                   address_key (*key_at)(const void *, uint32_t), const struct address_index *index,
                   address_key address, struct address_match *ret, size_t max)
{
	size_t count = 0;
	while (at && count < max) {
		uint32_t i = at - 1;
		const uint8_t *link = family->links + (size_t)LINK_SIZE * i;
		unsigned bits = family->bits[i];
		if (bits > family->bits_max)
			break;
		if (((key_at(index, i) ^ address) & address_mask(bits, family->bits_max)) == 0)
			ret[count++] = (struct address_match){flat_u32(link + 4), (uint8_t)bits};
		uint32_t around = flat_u32(link);
		if (around >= at)
			break;
		at = around;
	}
	return count;
}

static address_key key4_at(const void *index, uint32_t i)
{
	return flat_u32(((const struct address_index *)index)->keys4 + (size_t)KEY4_SIZE * i);
}

static address_key key6_at(const void *index, uint32_t i)
{
	return read_key6(((const struct address_index *)index)->keys6 + (size_t)KEY6_SIZE * i);
}

size_t address_index_find(const struct address_index *index, const uint8_t *address, size_t size,
                          struct address_match *ret, size_t max)
{
	if (size != 4 && size != 16)
		return 0;
	address_key key = address_key_of(address, size);
	if (address_is_ipv4(address, size)) {
		struct family family = {index->links4, index->bits4, 32};
		key = (uint32_t)key;
		return walk(&family, count_keys4(index, (uint32_t)key), key4_at, index, key, ret,
		            max);
	}
	struct family family = {index->links6, index->bits6, 128};
	return walk(&family, count_keys6(index, key), key6_at, index, key, ret, max);
}

size_t address_index_at(const struct address_index *index, uint32_t i,
                        uint8_t ret_address[static 16], unsigned *ret_bits)
{
	bool is_ipv4 = i < index->count4;
	size_t size = is_ipv4 ? 4 : 16;
	i -= is_ipv4 ? 0 : index->count4;
	address_key key = is_ipv4 ? key4_at(index, i) : key6_at(index, i);
	for (size_t k = size; k-- > 0; key >>= 8)
		ret_address[k] = (uint8_t)key;
	*ret_bits = is_ipv4 ? index->bits4[i] : index->bits6[i];
	return size;
}
