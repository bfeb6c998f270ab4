/* bridge_ways.h - behind which port of a bridge, and which hardware address, servers are.
 *
 * Why:     of a bridged packet the kernel tells where it came from, and not where it goes. A reset that cannot take the
 *          packet's place, which may be several and be cut again, has to be sent there; but what the server answered came
 *          from there.
 * What:    a table by the server's address; pure, and nothing allocates. The last one counts, also of two whose places
 *          are the same: who is not in it is not told.
 * Threads: one. */
#pragma once

#include "base/address.h"
#include "base/view.h"

enum { BRIDGE_WAYS = 1024 /* a power of two */, BRIDGE_HARDWARE_MAX = 8 };

struct bridge_way {
	struct address address; /* size 0: an empty place */
	uint32_t port;
	uint8_t hardware_size;
	uint8_t hardware[BRIDGE_HARDWARE_MAX];
};

struct bridge_ways {
	uint64_t seed;
	struct bridge_way ways[BRIDGE_WAYS];
};

/* A packet of a server's, from its IP header on, that came through `port` from that hardware address. */
void bridge_ways_learn(struct bridge_ways *b, struct view packet, uint32_t port,
                       struct view hardware_address);
/* The way to whom the packet is for; NULL. */
const struct bridge_way *bridge_ways_find(const struct bridge_ways *b, struct view packet);
