#include "wire/dns_name.h"

#include "wire/dns.h"

enum { LABEL_SIZE_MAX = 63, POINTER_BITS = 0xc0 };

/* Passes over plain labels; `*at` becomes the offset of the root label or of a pointer. */
static int pass_labels(struct view message, size_t *at, unsigned *labels)
{
	size_t begin = *at;
	for (;;) {
		if (*at >= message.size)
			return ERR_TRUNCATED;
		uint8_t size = message.bytes[*at];
		if (size == 0 || size >= POINTER_BITS)
			return OK;
		if (size > LABEL_SIZE_MAX)
			return ERR_MALFORMED;
		*at += size + 1u;
		if (*at - begin >= DNAME_SIZE_MAX)
			return ERR_LIMIT;
		(*labels)++;
	}
}

static int read_pointer(struct view message, size_t at, size_t part, size_t *ret)
{
	if (message.size - at < 2)
		return ERR_TRUNCATED;
	size_t target = (message.bytes[at] & ~(unsigned)POINTER_BITS) << 8 | message.bytes[at + 1];
	if (target >= part || target < DNS_HEADER_SIZE)
		return ERR_MALFORMED;
	*ret = target;
	return OK;
}

int dns_name_expand(struct view message, size_t at, struct dname *ret, size_t *ret_next)
{
	uint8_t bytes[DNAME_SIZE_MAX];
	size_t size = 0, next = 0;
	unsigned labels = 0;
	for (;;) {
		size_t part = at;
		int r = pass_labels(message, &at, &labels);
		if (r < 0)
			return r;
		size_t run = at - part;
		if (size + run + 1 > DNAME_SIZE_MAX)
			return ERR_LIMIT;
		memcpy(bytes + size, message.bytes + part, run);
		size += run;
		if (message.bytes[at] == 0)
			break;
		if (next == 0)
			next = at + 2;
		r = read_pointer(message, at, part, &at);
		if (r < 0)
			return r;
	}
	bytes[size++] = 0;
	memcpy(ret->bytes, bytes, size);
	ret->size = (uint8_t)size;
	ret->labels = (uint8_t)labels;
	*ret_next = next ? next : at + 1;
	return OK;
}

/* Makes capitals small in eight bytes at once. */
static uint64_t fold_eight(uint64_t bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t low = bytes & ones * 0x7f;
	uint64_t from_a = low + ones * (0x80 - 'A'), over_z = low + ones * (0x7f - 'Z');
	uint64_t capital = ~bytes & (from_a ^ over_z) & ones * 0x80;
	return bytes | capital >> 2;
}

/* Folds the lengths too: they are below 64 and so no capitals. */
static void fold_name(struct dname *name)
{
	size_t at = 0;
	for (; at + 8 <= name->size; at += 8) {
		uint64_t eight;
		memcpy(&eight, name->bytes + at, 8);
		eight = fold_eight(eight);
		memcpy(name->bytes + at, &eight, 8);
	}
	for (; at < name->size; at++) {
		uint8_t c = name->bytes[at];
		name->bytes[at] = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
	}
}

int dns_name_read(struct view message, size_t at, struct dname *ret, size_t *ret_next)
{
	int r = dns_name_expand(message, at, ret, ret_next);
	if (r < 0)
		return r;
	fold_name(ret);
	return OK;
}

int dns_name_skip(struct view message, size_t at, size_t *ret_next)
{
	unsigned labels = 0;
	int r = pass_labels(message, &at, &labels);
	if (r < 0)
		return r;
	if (message.bytes[at] == 0) {
		*ret_next = at + 1;
		return OK;
	}
	size_t target;
	r = read_pointer(message, at, at, &target);
	if (r < 0)
		return r;
	*ret_next = at + 2;
	return OK;
}
