#include "wire/pcap.h"

#include "base/timestamp.h"
#include "wire/capture_bytes.h"

enum {
	MAGIC_MICRO = 0xa1b2c3d4,
	MAGIC_NANO = 0xa1b23c4d,
	MAGIC_KUZNETZOV = 0xa1b2cd34,
	RECORD_HEADER = 16,
	KUZNETZOV_HEADER = 24,
	LINK_BITS = 0x03ffffff, /* above them: how long the frame check sequence is */
	FOLLOWING = 3,          /* records that must follow each other to be believed */

};

static const struct magic {
	uint32_t number;
	bool is_nano;
	uint8_t record_header;
} magics[] = {
	{MAGIC_MICRO, false, RECORD_HEADER},
	{MAGIC_NANO, true, RECORD_HEADER},
	{MAGIC_KUZNETZOV, false, KUZNETZOV_HEADER},
};

static const struct magic *find_magic(struct view first, bool *ret_is_swapped)
{
	if (first.size < sizeof(uint32_t))
		return NULL;
	for (int swapped = 0; swapped < 2; swapped++) {
		uint32_t number = capture_u32(first.bytes, swapped);
		for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
			*ret_is_swapped = swapped;
			if (magics[i].number == number)
				return &magics[i];
		}
	}
	return NULL;
}

bool pcap_is(struct view first)
{
	bool is_swapped;
	return find_magic(first, &is_swapped) != NULL;
}

int pcap_open(struct view first, struct pcap *ret)
{
	struct pcap p = {0};
	const struct magic *magic = find_magic(first, &p.is_swapped);
	if (!magic)
		return first.size < sizeof(uint32_t) ? ERR_TRUNCATED : ERR_MALFORMED;
	if (first.size < PCAP_HEADER_SIZE)
		return ERR_TRUNCATED;
	if (capture_u16(first.bytes + 4, p.is_swapped) != 2)
		return ERR_VERSION;
	p.is_nano = magic->is_nano;
	p.record_header = magic->record_header;
	p.link = (uint16_t)(capture_u32(first.bytes + 20, p.is_swapped) & LINK_BITS);
	*ret = p;
	return OK;
}

struct record {
	uint32_t seconds, fraction, size, original;
};

static inline struct record read_record(const struct pcap *p, const uint8_t *at)
{
	return (struct record){capture_u32(at, p->is_swapped), capture_u32(at + 4, p->is_swapped),
	                       capture_u32(at + 8, p->is_swapped),
	                       capture_u32(at + 12, p->is_swapped)};
}

/* A hole in a file reads as records of nothing in 1970. */
static inline bool is_hole(const struct record *r)
{
	return (r->seconds | r->fraction | r->size | r->original) == 0;
}

static inline int64_t time_of(const struct pcap *p, const struct record *r)
{
	return (int64_t)r->seconds * SECOND_US + (p->is_nano ? r->fraction / 1000 : r->fraction);
}

int pcap_next(const struct pcap *p, struct view bytes, struct capture_packet *ret, size_t *ret_size)
{
	if (bytes.size < p->record_header)
		return ERR_TRUNCATED;
	struct record r = read_record(p, bytes.bytes);
	if (r.size > CAPTURE_PACKET_SIZE_MAX || is_hole(&r))
		return ERR_MALFORMED;
	if (bytes.size - p->record_header < r.size)
		return ERR_TRUNCATED;
	*ret = (struct capture_packet){
		.bytes = view_of(bytes.bytes + p->record_header, r.size),
		.time_us = time_of(p, &r),
		.link = p->link,
	};
	*ret_size = p->record_header + (size_t)r.size;
	return OK;
}

/* Stricter than pcap_next(): what a program that captures would write. */
static bool is_likely(const struct pcap *p, const struct record *r, int64_t near_us)
{
	int64_t far_us = time_of(p, r) - near_us;
	return r->size && r->size <= CAPTURE_PACKET_SIZE_MAX && r->size <= r->original &&
	       r->original <= CAPTURE_PACKET_SIZE_MAX &&
	       r->fraction < (p->is_nano ? 1000000000u : 1000000u) && far_us <= DAY_US &&
	       far_us >= -DAY_US;
}

/* OK: records follow each other from here; ERR_TRUNCATED: so far as bytes are there. */
static int follow(const struct pcap *p, struct view bytes, int64_t near_us)
{
	for (unsigned i = 0; i < FOLLOWING; i++) {
		if (bytes.size < p->record_header)
			return ERR_TRUNCATED;
		struct record r = read_record(p, bytes.bytes);
		if (!is_likely(p, &r, near_us))
			return ERR_MALFORMED;
		if (bytes.size - p->record_header < r.size)
			return ERR_TRUNCATED;
		bytes = view_skip(bytes, p->record_header + r.size);
	}
	return OK;
}

int pcap_find(const struct pcap *p, struct view bytes, int64_t near_us, size_t *ret_skip)
{
	size_t at = 0;
	int r = ERR_TRUNCATED;
	for (; at < bytes.size; at++) {
		r = follow(p, view_skip(bytes, at), near_us);
		if (r != ERR_MALFORMED)
			break;
	}
	*ret_skip = at;
	return r == OK ? OK : ERR_TRUNCATED;
}
