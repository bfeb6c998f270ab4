/* Two bytes of link type, then a frame: what is found lies in it, through all tunnels. */
#include "check.h"
#include "wire/link.h"
#include "wire/tunnel.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_inside(struct view part, struct view whole)
{
	CHECK(part.bytes >= whole.bytes && part.size <= whole.size);
	CHECK((size_t)(part.bytes - whole.bytes) <= whole.size - part.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct view packet, inner;
	struct ip_packet ip;
	if (size < 2)
		return 0;
	struct view whole = view_of(bytes + 2, size - 2);
	if (link_find_ip((uint16_t)(bytes[0] << 8 | bytes[1]), whole, &packet) != OK)
		return 0;
	check_inside(packet, whole);
	for (;;) {
		if (ip_parse(packet, &ip) != OK) {
			/* sums are not for a fuzzer to guess */
			ip = (struct ip_packet){.protocol = packet.size > 9 ? packet.bytes[9] : 0,
			                        .payload = view_skip(packet, IP4_HEADER_SIZE)};
		}
		if (tunnel_open(&ip, &inner) != OK)
			return 0;
		check_inside(inner, packet);
		CHECK(inner.size < packet.size);
		packet = inner;
	}
}
