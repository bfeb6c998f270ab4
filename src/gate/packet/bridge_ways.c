#include "gate/packet/bridge_ways.h"

#include <string.h>

#include "base/hash.h"
#include "wire/ip.h"

static size_t place_of(const struct bridge_ways *b, const struct address *a)
{
	return (size_t)hash_bytes(a->bytes, a->size, b->seed) & (BRIDGE_WAYS - 1);
}

void bridge_ways_learn(struct bridge_ways *b, struct view packet, uint32_t port,
                       struct view hardware_address)
{
	struct ip_packet ip;
	if (hardware_address.size > BRIDGE_HARDWARE_MAX || ip_parse(packet, &ip) < 0)
		return;
	struct bridge_way *way = &b->ways[place_of(b, &ip.source)];
	way->address = ip.source;
	way->port = port;
	way->hardware_size = (uint8_t)hardware_address.size;
	memcpy(way->hardware, hardware_address.bytes, hardware_address.size);
}

const struct bridge_way *bridge_ways_find(const struct bridge_ways *b, struct view packet)
{
	struct ip_packet ip;
	if (ip_parse(packet, &ip) < 0)
		return NULL;
	const struct bridge_way *way = &b->ways[place_of(b, &ip.destination)];
	return address_equal(&way->address, &ip.destination) ? way : NULL;
}
