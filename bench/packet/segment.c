#include "segment.h"

#include <netinet/in.h>
#include <string.h>

enum { IP_SIZE = 20, TCP_SIZE = 20, TTL = 64, WINDOW = 64240 };

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16(at + 2, (uint16_t)value);
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static uint32_t sum(const uint8_t *bytes, size_t size, uint32_t so_far)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		so_far += get16(bytes + i);
	return size & 1 ? so_far + ((uint32_t)bytes[size - 1] << 8) : so_far;
}

static uint16_t fold(uint32_t value)
{
	while (value >> 16)
		value = (value & 0xffff) + (value >> 16);
	return (uint16_t)~value;
}

size_t segment_write(const struct segment *s, uint8_t out[SEGMENT_SIZE_MAX])
{
	size_t size = s->size < SEGMENT_SIZE_MAX - SEGMENT_HEADERS
	                      ? s->size
	                      : SEGMENT_SIZE_MAX - SEGMENT_HEADERS;
	uint8_t *tcp = out + IP_SIZE;
	memset(out, 0, SEGMENT_HEADERS);
	out[0] = 0x45;
	put16(out + 2, (uint16_t)(SEGMENT_HEADERS + size));
	put16(out + 6, 0x4000); /* not to be cut */
	out[8] = TTL;
	out[9] = IPPROTO_TCP;
	put32(out + 12, s->source);
	put32(out + 16, s->target);
	put16(out + 10, fold(sum(out, IP_SIZE, 0)));
	put16(tcp, s->source_port);
	put16(tcp + 2, s->target_port);
	put32(tcp + 4, s->sequence);
	put32(tcp + 8, s->acknowledged);
	tcp[12] = TCP_SIZE / 4 << 4;
	tcp[13] = s->flags;
	put16(tcp + 14, WINDOW);
	if (size)
		memcpy(tcp + TCP_SIZE, s->data, size);
	uint32_t pseudo = sum(out + 12, 8, IPPROTO_TCP + (uint32_t)(TCP_SIZE + size));
	put16(tcp + 16, fold(sum(tcp, TCP_SIZE + size, pseudo)));
	return SEGMENT_HEADERS + size;
}

int segment_read(const uint8_t *packet, size_t size, struct segment *ret)
{
	size_t header = size ? (size_t)(packet[0] & 15) * 4 : 0;
	if (size < IP_SIZE || packet[0] >> 4 != 4 || packet[9] != IPPROTO_TCP ||
	    size < header + TCP_SIZE)
		return -1;
	const uint8_t *tcp = packet + header;
	*ret = (struct segment){.source = get32(packet + 12),
	                        .target = get32(packet + 16),
	                        .source_port = get16(tcp),
	                        .target_port = get16(tcp + 2),
	                        .sequence = get32(tcp + 4),
	                        .acknowledged = get32(tcp + 8),
	                        .flags = tcp[13]};
	return 0;
}
