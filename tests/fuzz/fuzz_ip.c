/* What is found of a packet, TCP segment and datagram lies in the bytes. */
#include "check.h"
#include "wire/ip.h"
#include "wire/tcp.h"
#include "wire/udp.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_inside(struct view part, struct view whole)
{
	CHECK(part.bytes >= whole.bytes && part.size <= whole.size);
	CHECK((size_t)(part.bytes - whole.bytes) <= whole.size - part.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct ip_packet ip;
	struct tcp_segment tcp;
	struct udp_datagram udp;
	if (ip_parse(view_of(bytes, size), &ip) != OK) {
		if (tcp_parse(view_of(bytes, size), &tcp) == OK)
			check_inside(tcp.payload, view_of(bytes, size));
		return 0;
	}
	check_inside(ip.payload, view_of(bytes, size));
	check_inside(ip.addresses, view_of(bytes, size));
	CHECK(ip.header_size + ip.payload.size <= size && size > ip.fragment_header_at);
	CHECK(ip.next_header_at < ip.header_size);
	if (tcp_parse(ip.payload, &tcp) == OK)
		check_inside(tcp.payload, ip.payload);
	if (udp_parse(ip.payload, &udp) == OK)
		check_inside(udp.payload, ip.payload);
	(void)!tcp_is_sum_right(&ip);
	(void)!udp_is_sum_right(&ip);
	return 0;
}
