/* Packets as they were captured are not always as they were received: captures are cut to a length, and a packet that
 * was captured on its way out may lack what its card was to write. */
#include "audit/capture_internal.h"
#include "wire/inet_sum.h"

enum { LENGTH4_AT = 2, LENGTH6_AT = 4, FRAGMENT4_AT = 6, PROTOCOL4_AT = 9, UDP_LENGTH_AT = 4 };

static size_t length_at(const uint8_t *bytes, size_t at)
{
	return (size_t)bytes[at] << 8 | bytes[at + 1];
}

static void set_length(uint8_t *bytes, size_t at, size_t length)
{
	bytes[at] = (uint8_t)(length >> 8);
	bytes[at + 1] = (uint8_t)length;
}

/* A datagram that was cut says that it is as long as what is left of it. */
static void mend_udp(uint8_t *datagram, size_t size)
{
	if (size >= 8 && length_at(datagram, UDP_LENGTH_AT) > size)
		set_length(datagram, UDP_LENGTH_AT, size);
}

static struct view mend4(struct view packet, uint8_t *room)
{
	size_t header = (packet.bytes[0] & 15) * 4u;
	size_t said = length_at(packet.bytes, LENGTH4_AT);
	if (header < IP4_HEADER_SIZE || header > packet.size)
		return packet;
	bool is_cut = said > packet.size || said < header;
	if (!is_cut && inet_sum_fold(inet_sum_add(0, packet.bytes, header)) == 0xffff)
		return packet;
	size_t size = is_cut ? packet.size : said;
	if (size > 65535)
		size = 65535;
	memmove(room, packet.bytes, size); /* it may lie there already */
	set_length(room, LENGTH4_AT, size);
	bool is_first = !(length_at(room, FRAGMENT4_AT) & 0x1fff);
	/* a fragment of which the end is missing stands for itself: the others cannot complete it */
	if (is_cut && is_first)
		set_length(room, FRAGMENT4_AT, 0);
	if (room[PROTOCOL4_AT] == IP_UDP && is_first)
		mend_udp(room + header, size - header);
	ip4_set_checksum(room, header);
	return view_of(room, size);
}

static struct view mend6(struct view packet, uint8_t *room)
{
	if (packet.size < IP6_HEADER_SIZE)
		return packet;
	size_t said = length_at(packet.bytes, LENGTH6_AT) + IP6_HEADER_SIZE;
	if (said <= packet.size && said > IP6_HEADER_SIZE)
		return packet;
	size_t size = packet.size < IP_PACKET_SIZE_MAX ? packet.size : IP_PACKET_SIZE_MAX;
	memmove(room, packet.bytes, size); /* it may lie there already */
	set_length(room, LENGTH6_AT, size - IP6_HEADER_SIZE);
	if (room[6] == IP_UDP)
		mend_udp(room + IP6_HEADER_SIZE, size - IP6_HEADER_SIZE);
	return view_of(room, size);
}

struct view capture_mend(struct view packet, uint8_t room[static CAPTURE_ROOM])
{
	if (packet.size < IP4_HEADER_SIZE)
		return packet;
	return packet.bytes[0] >> 4 == 4 ? mend4(packet, room) : mend6(packet, room);
}

struct view capture_mend_fragment(struct view packet, uint8_t room[static CAPTURE_ROOM])
{
	size_t header = (packet.bytes[0] & 15) * 4u;
	memmove(room, packet.bytes, packet.size);
	set_length(room, FRAGMENT4_AT, 0);
	mend_udp(room + header, packet.size - header);
	ip4_set_checksum(room, header);
	return view_of(room, packet.size);
}
