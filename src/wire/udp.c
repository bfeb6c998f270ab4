#include "wire/udp.h"

#include "base/reader.h"
#include "wire/inet_sum.h"

enum { CHECKSUM_AT = 6, SIZE_AT = 4 };

int udp_parse(struct view datagram, struct udp_datagram *ret)
{
	struct udp_datagram d = {0};
	struct reader r = reader_open(datagram.bytes, datagram.size);
	d.source_port = read_u16(&r);
	d.destination_port = read_u16(&r);
	size_t size = read_u16(&r);
	read_u16(&r); /* checksum */
	if (r.failed || size < UDP_HEADER_SIZE || size - UDP_HEADER_SIZE > reader_left(&r))
		return ERR_MALFORMED;
	d.payload = view_of(r.at, size - UDP_HEADER_SIZE);
	*ret = d;
	return OK;
}

bool udp_is_sum_right(const struct ip_packet *ip)
{
	if (ip->payload.size < UDP_HEADER_SIZE)
		return false;
	const uint8_t *bytes = ip->payload.bytes;
	if (bytes[CHECKSUM_AT] == 0 && bytes[CHECKSUM_AT + 1] == 0)
		return ip->source.size == 4;
	/* the sum is over what the header says is there (Linux: so too), not over what lies behind it */
	struct ip_packet summed = *ip;
	size_t size = (size_t)bytes[SIZE_AT] << 8 | bytes[SIZE_AT + 1];
	if (size > summed.payload.size)
		return false;
	summed.payload.size = size;
	uint64_t sum = inet_sum_add(ip_pseudo_sum(&summed), bytes, size);
	return inet_sum_fold(sum) == 0xffff;
}
