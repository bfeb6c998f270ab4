#include "wire/pcapng.h"

#include "base/timestamp.h"
#include "wire/capture_bytes.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* the old one */
	BLOCK_SIMPLE = 3,
	BLOCK_NAMES = 4,
	BLOCK_STATISTICS = 5,
	BLOCK_ENHANCED = 6,
	BLOCK_SECRETS = 10,

	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	BLOCK_SIZE_MIN = 12,
	SECTION_SIZE_MIN = 28,
	TRAILER_SIZE = 4,
	FIND_SIZE_MAX = 1 << 19, /* of a block that is believed where one was looked for */

	OPTION_END = 0,
	OPTION_RESOLUTION = 9,
	OPTION_OFFSET = 14,
	RESOLUTION_MICRO = 6,
	RESOLUTION_BINARY = 0x80,

};

bool pcapng_is(struct view first)
{
	if (first.size < BLOCK_SIZE_MIN || capture_u32(first.bytes, false) != BLOCK_SECTION)
		return false;
	return capture_u32(first.bytes + 8, false) == BYTE_ORDER_MAGIC ||
	       capture_u32(first.bytes + 8, true) == BYTE_ORDER_MAGIC;
}

void pcapng_open(struct pcapng *p)
{
	p->has_section = p->is_swapped = false;
	p->interface_count = 0;
}

/* --- times --- */

static int64_t clamp_us(__int128 us)
{
	return us > INT64_MAX ? INT64_MAX : us < INT64_MIN ? INT64_MIN : (int64_t)us;
}

static int64_t time_of(const struct pcapng_interface *i, uint64_t units)
{
	__int128 us = (__int128)units;
	unsigned power = i->resolution & ~(unsigned)RESOLUTION_BINARY;
	if (i->resolution == RESOLUTION_MICRO && i->offset_s == 0)
		return units > INT64_MAX ? INT64_MAX : (int64_t)units;
	if (i->resolution & RESOLUTION_BINARY) {
		us = power < 64 ? us * SECOND_US >> power : 0;
	} else {
		for (; power < RESOLUTION_MICRO; power++)
			us *= 10;
		for (; power > RESOLUTION_MICRO && us; power--)
			us /= 10;
	}
	return clamp_us(us + (__int128)i->offset_s * SECOND_US);
}

/* --- blocks that are not packets --- */

static int read_section(struct pcapng *p, struct view bytes)
{
	if (bytes.size < SECTION_SIZE_MIN)
		return ERR_TRUNCATED;
	p->is_swapped = capture_u32(bytes.bytes + 8, false) != BYTE_ORDER_MAGIC;
	if (capture_u16(bytes.bytes + 12, p->is_swapped) != 1)
		return ERR_VERSION;
	p->has_section = true;
	p->interface_count = 0;
	return OK;
}

static void read_interface_option(const struct pcapng *p, uint16_t code, struct view value,
                                  struct pcapng_interface *i)
{
	if (code == OPTION_RESOLUTION && value.size == 1)
		i->resolution = value.bytes[0];
	if (code == OPTION_OFFSET && value.size == 8)
		i->offset_s = (int64_t)capture_u64(value.bytes, p->is_swapped);
}

static void read_interface(struct pcapng *p, struct view body)
{
	struct pcapng_interface i = {.resolution = RESOLUTION_MICRO};
	if (body.size < 8)
		return;
	i.link = capture_u16(body.bytes, p->is_swapped);
	i.snap = capture_u32(body.bytes + 4, p->is_swapped);
	body = view_skip(body, 8);
	while (body.size >= 4) {
		uint16_t code = capture_u16(body.bytes, p->is_swapped);
		size_t size = capture_u16(body.bytes + 2, p->is_swapped);
		body = view_skip(body, 4);
		if (code == OPTION_END || size > body.size)
			break;
		read_interface_option(p, code, view_of(body.bytes, size), &i);
		body = view_skip(body, (size + 3) & ~(size_t)3);
	}
	if (p->interface_count < PCAPNG_INTERFACES_MAX)
		p->interfaces[p->interface_count] = i;
	if (p->interface_count < UINT32_MAX)
		p->interface_count++;
}

/* --- packets --- */

static const struct pcapng_interface *interface_of(const struct pcapng *p, uint32_t number)
{
	return number < p->interface_count && number < PCAPNG_INTERFACES_MAX
	               ? &p->interfaces[number]
	               : NULL;
}

/* Enhanced and old packet blocks differ in how wide the interface's number is. */
static int read_packet(const struct pcapng *p, uint32_t type, struct view body,
                       struct capture_packet *ret)
{
	enum { FIXED = 20 };
	if (body.size < FIXED)
		return ERR_MALFORMED;
	uint32_t number = type == BLOCK_PACKET ? capture_u16(body.bytes, p->is_swapped)
	                                       : capture_u32(body.bytes, p->is_swapped);
	const struct pcapng_interface *i = interface_of(p, number);
	uint64_t high = capture_u32(body.bytes + 4, p->is_swapped);
	uint64_t low = capture_u32(body.bytes + 8, p->is_swapped);
	size_t size = capture_u32(body.bytes + 12, p->is_swapped);
	if (!i || size > CAPTURE_PACKET_SIZE_MAX || size > body.size - FIXED)
		return ERR_MALFORMED;
	*ret = (struct capture_packet){.bytes = view_of(body.bytes + FIXED, size),
	                               .time_us = time_of(i, high << 32 | low),
	                               .link = i->link};
	return OK;
}

/* It has no time, and is as long as the first interface allows. */
static int read_simple(const struct pcapng *p, struct view body, struct capture_packet *ret)
{
	enum { FIXED = 4 };
	const struct pcapng_interface *i = interface_of(p, 0);
	if (!i || body.size < FIXED)
		return ERR_MALFORMED;
	size_t size = capture_u32(body.bytes, p->is_swapped);
	if (i->snap && size > i->snap)
		size = i->snap;
	if (size > body.size - FIXED)
		return ERR_MALFORMED;
	*ret = (struct capture_packet){
		.bytes = view_of(body.bytes + FIXED, size), .time_us = TIME_MIN, .link = i->link};
	return OK;
}

/* --- one block after the other --- */

static bool is_packet(uint32_t type)
{
	return type == BLOCK_ENHANCED || type == BLOCK_SIMPLE || type == BLOCK_PACKET;
}

/* Blocks of which all is needed. */
static int read_block(struct pcapng *p, uint32_t type, struct view block,
                      struct capture_packet *ret)
{
	uint32_t again = capture_u32(block.bytes + block.size - TRAILER_SIZE, p->is_swapped);
	struct view body = view_of(block.bytes + PCAPNG_BLOCK_HEADER,
	                           block.size - PCAPNG_BLOCK_HEADER - TRAILER_SIZE);
	if (again != block.size)
		return ERR_MALFORMED;
	if (type == BLOCK_INTERFACE) {
		read_interface(p, body);
		return OK;
	}
	return type == BLOCK_SIMPLE ? read_simple(p, body, ret) : read_packet(p, type, body, ret);
}

static bool is_length_right(size_t size)
{
	return size >= BLOCK_SIZE_MIN && size % 4 == 0;
}

static int skip_block(size_t size, struct capture_packet *ret, size_t *ret_size)
{
	*ret = (struct capture_packet){0};
	*ret_size = size;
	return OK;
}

int pcapng_next(struct pcapng *p, struct view bytes, struct capture_packet *ret, size_t *ret_size)
{
	*ret_size = 0;
	if (bytes.size < BLOCK_SIZE_MIN)
		return ERR_TRUNCATED;
	uint32_t type = capture_u32(bytes.bytes, p->is_swapped);
	if (type == BLOCK_SECTION) {
		int r = pcapng_is(bytes) ? read_section(p, bytes) : ERR_MALFORMED;
		if (r != OK)
			return r;
	}
	if (!p->has_section)
		return ERR_MALFORMED;
	size_t size = capture_u32(bytes.bytes + 4, p->is_swapped);
	if (!is_length_right(size))
		return ERR_MALFORMED;
	if (!is_packet(type) && type != BLOCK_INTERFACE)
		return skip_block(size, ret, ret_size);
	if (size > PCAPNG_PACKET_BLOCK_MAX)
		return ERR_MALFORMED;
	if (bytes.size < size)
		return ERR_TRUNCATED;
	*ret = (struct capture_packet){0};
	int r = read_block(p, type, view_of(bytes.bytes, size), ret);
	if (r == OK || capture_u32(bytes.bytes + size - TRAILER_SIZE, p->is_swapped) == size)
		*ret_size = size;
	return r;
}

/* OK: such a block is there; ERR_TRUNCATED: it may be. */
static int try_block(const struct pcapng *p, struct view bytes)
{
	if (bytes.size < BLOCK_SIZE_MIN)
		return ERR_TRUNCATED;
	if (pcapng_is(bytes))
		return bytes.size < SECTION_SIZE_MIN ? ERR_TRUNCATED : OK;
	uint32_t type = capture_u32(bytes.bytes, p->is_swapped);
	size_t size = capture_u32(bytes.bytes + 4, p->is_swapped);
	if ((type < BLOCK_INTERFACE || type > BLOCK_ENHANCED) && type != BLOCK_SECRETS)
		return ERR_MALFORMED;
	if (!is_length_right(size) || size > FIND_SIZE_MAX)
		return ERR_MALFORMED;
	if (bytes.size < size)
		return ERR_TRUNCATED;
	uint32_t again = capture_u32(bytes.bytes + size - TRAILER_SIZE, p->is_swapped);
	return again == size ? OK : ERR_MALFORMED;
}

int pcapng_find(const struct pcapng *p, struct view bytes, size_t *ret_skip)
{
	size_t at = 0;
	int r = ERR_TRUNCATED;
	for (; at < bytes.size; at++) {
		r = try_block(p, view_skip(bytes, at));
		if (r != ERR_MALFORMED)
			break;
	}
	*ret_skip = at;
	return r == OK ? OK : ERR_TRUNCATED;
}
