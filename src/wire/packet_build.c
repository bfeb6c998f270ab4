#include "wire/packet_build.h"

#include <assert.h>

#include "base/writer.h"
#include "wire/inet_sum.h"

enum {
	IPV4_NO_OPTIONS = 0x45,
	IPV4_DONT_FRAGMENT = 0x4000,
	IP_SIZE_MAX = 65535, /* IPv6: without its header */
	HOPS = 64,
	TCP_WORDS = TCP_HEADER_SIZE / 4,
	TCP_SUM_AT = 16,
	UDP_SUM_AT = 6,
};

static void write_v4(struct writer *w, const struct packet_ends *e, uint8_t protocol, size_t size)
{
	uint8_t *header = w->at;
	write_u8(w, IPV4_NO_OPTIONS);
	write_u8(w, 0); /* traffic class */
	write_u16(w, (uint16_t)(IP4_HEADER_SIZE + size));
	write_u16(w, 0); /* identification: of no use without fragments */
	write_u16(w, IPV4_DONT_FRAGMENT);
	write_u8(w, HOPS);
	write_u8(w, protocol);
	write_u16(w, 0);
	write_bytes(w, e->source.bytes, 4);
	write_bytes(w, e->destination.bytes, 4);
	if (!w->failed)
		ip4_set_checksum(header, IP4_HEADER_SIZE);
}

static void write_v6(struct writer *w, const struct packet_ends *e, uint8_t protocol, size_t size)
{
	write_u32(w, UINT32_C(6) << 28);
	write_u16(w, (uint16_t)size);
	write_u8(w, protocol);
	write_u8(w, HOPS);
	write_bytes(w, e->source.bytes, 16);
	write_bytes(w, e->destination.bytes, 16);
}

/* `size` bytes will follow. False when they may not. */
static bool write_ip(struct writer *w, const struct packet_ends *e, uint8_t protocol, size_t size)
{
	assert(e->source.size == e->destination.size);
	bool is_v4 = e->source.size == 4;
	if (size > (size_t)(IP_SIZE_MAX - (is_v4 ? IP4_HEADER_SIZE : 0)))
		return false;
	if (is_v4)
		write_v4(w, e, protocol, size);
	else
		write_v6(w, e, protocol, size);
	return true;
}

/* Of everything from `at` on, with the addresses; its own place is zero so far. */
static uint16_t sum_of(const struct writer *w, const struct packet_ends *e, uint8_t protocol,
                       const uint8_t *at)
{
	size_t size = (size_t)(w->at - at);
	struct ip_packet ip = {.addresses = view_of(at - 2 * e->source.size, 2u * e->source.size),
	                       .protocol = protocol,
	                       .payload = view_of(at, size)};
	return (uint16_t)~inet_sum_fold(inet_sum_add(ip_pseudo_sum(&ip), at, size));
}

size_t packet_build_tcp(const struct packet_ends *ends, const struct packet_tcp *tcp,
                        struct view payload, uint8_t *room, size_t room_size)
{
	struct writer w = writer_open(room, room_size);
	if (!write_ip(&w, ends, IP_TCP, TCP_HEADER_SIZE + payload.size))
		return 0;
	uint8_t *at = w.at;
	write_u16(&w, ends->source_port);
	write_u16(&w, ends->destination_port);
	write_u32(&w, tcp->sequence);
	write_u32(&w, tcp->acknowledged);
	write_u8(&w, TCP_WORDS << 4);
	write_u8(&w, tcp->flags);
	write_u16(&w, tcp->window);
	write_u16(&w, 0); /* checksum */
	write_u16(&w, 0); /* urgent */
	write_view(&w, payload);
	if (w.failed)
		return 0;
	uint16_t sum = sum_of(&w, ends, IP_TCP, at);
	memcpy(at + TCP_SUM_AT, &sum, sizeof(sum));
	return writer_size(&w);
}

/* A sum of zero would say that there is none: it is sent as its other form. */
size_t packet_build_udp(const struct packet_ends *ends, struct view payload, uint8_t *room,
                        size_t room_size)
{
	struct writer w = writer_open(room, room_size);
	if (!write_ip(&w, ends, IP_UDP, UDP_HEADER_SIZE + payload.size))
		return 0;
	uint8_t *at = w.at;
	write_u16(&w, ends->source_port);
	write_u16(&w, ends->destination_port);
	write_u16(&w, (uint16_t)(UDP_HEADER_SIZE + payload.size));
	write_u16(&w, 0); /* checksum */
	write_view(&w, payload);
	if (w.failed)
		return 0;
	uint16_t sum = sum_of(&w, ends, IP_UDP, at);
	if (sum == 0)
		sum = 0xffff;
	memcpy(at + UDP_SUM_AT, &sum, sizeof(sum));
	return writer_size(&w);
}
