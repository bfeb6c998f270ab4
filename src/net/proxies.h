/* proxies.h - the addresses that speak for others, and what they say in front of a datagram.
 *
 * What:    pure functions. A connection's header is read as it comes (stream_layers.c); a datagram has it whole, and
 *          what follows it is the query. The answer goes to the proxy, without a header.
 * Source:  "The PROXY protocol", haproxy, 2020/03/05, s2.2 (wire/proxy2.h). */
#pragma once

#include <stdbool.h>

#include "base/address.h"
#include "net/datagram.h"

struct proxies {
	const struct prefix *items; /* of their owner */
	size_t count;
};

bool proxies_have(const struct proxies *p, const struct address *peer);
/* The datagram's query and client are what it is about from here on: unchanged unless a proxy sent it. False
 * when that does not say for whom it asks, or asks nothing. */
bool proxies_open(const struct proxies *p, struct datagram *d);
