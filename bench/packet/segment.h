/* segment.h - one TCP segment over IPv4, with its checksums, as a raw socket sends it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SEGMENT_HEADERS = 40, SEGMENT_SIZE_MAX = 1500 };
enum { SEGMENT_SYN = 2, SEGMENT_PUSH = 8, SEGMENT_ACK = 16 };

struct segment {
	uint32_t source, target; /* addresses and ports of the machine's byte order */
	uint16_t source_port, target_port;
	uint32_t sequence, acknowledged;
	uint8_t flags;
	const uint8_t *data;
	size_t size;
};

/* Returns the bytes written. */
size_t segment_write(const struct segment *s, uint8_t out[SEGMENT_SIZE_MAX]);
/* Of an IPv4 packet; 0, or -1 when it is no TCP segment. Data is left out. */
int segment_read(const uint8_t *packet, size_t size, struct segment *ret);
