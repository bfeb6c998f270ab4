/* line_filter_address.c - listed IPv4 addresses by how text ends that has one. */
#include "audit/line_filter.h"
#include "base/prefix.h"

enum {
	BITS_MIN = 24,           /* a listed network is put in address by address, */
	ADDRESSES_MAX = 1 << 14, /* but not more than so many in all */
};

/* As text has it, without zeros before. */
static void put_address4(struct line_filter *f, uint32_t address)
{
	const uint8_t bytes[16] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16),
	                           (uint8_t)(address >> 8), (uint8_t)address};
	char text[NAME_END_SIZE + PREFIX_TEXT_SIZE] = {0};
	uint64_t key[2];
	size_t size = strlen(prefix_print_address(bytes, ADDRESS_V4, text + NAME_END_SIZE));
	memcpy(key, text + size, sizeof(key));
	key[0] |= UINT64_C(0x2020202020202020);
	key[1] |= UINT64_C(0x2020202020202020);
	line_tails_add(&f->address4_tails, line_tail_of(key), size);
}

static uint32_t number_of(const uint8_t bytes[4])
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static size_t count_addresses4(const struct line_filter *f, bool *ret_is_wide)
{
	const struct address_index *index = &f->policy->destinations;
	size_t count = f->host_address_count;
	*ret_is_wide = false;
	for (uint32_t i = 0; i < index->count4; i++) {
		uint8_t bytes[16];
		unsigned bits;
		(void)address_index_at(index, i, bytes, &bits);
		*ret_is_wide |= bits < BITS_MIN;
		count += *ret_is_wide ? 0 : UINT32_C(1) << (32 - bits);
		*ret_is_wide |= count > ADDRESSES_MAX;
	}
	return count;
}

int line_filter_add_addresses4(struct line_filter *f)
{
	const struct address_index *index = &f->policy->destinations;
	size_t count = count_addresses4(f, &f->is_wide_address4);
	int code = line_tails_init(&f->address4_tails, f->is_wide_address4 ? 0 : count, false,
	                           f->policy->names.secret);
	for (uint32_t i = 0; code == OK && !f->is_wide_address4 && i < index->count4; i++) {
		uint8_t bytes[16];
		unsigned bits;
		(void)address_index_at(index, i, bytes, &bits);
		uint32_t first = number_of(bytes),
			 last = first + ((UINT32_C(1) << (32 - bits)) - 1);
		for (uint64_t a = first; a <= last; a++)
			put_address4(f, (uint32_t)a);
	}
	for (size_t i = 0; code == OK && i < f->host_address_count; i++) {
		if (f->host_addresses[i].size == 4)
			put_address4(f, number_of(f->host_addresses[i].bytes));
	}
	return code;
}
