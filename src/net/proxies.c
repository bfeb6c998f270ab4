#include "net/proxies.h"

#include "wire/proxy2.h"

bool proxies_have(const struct proxies *p, const struct address *peer)
{
	enum address_family family = peer->size == 4 ? ADDRESS_V4 : ADDRESS_V6;
	for (size_t i = 0; i < p->count; i++) {
		if (prefix_contains(&p->items[i], peer->bytes, family))
			return true;
	}
	return false;
}

bool proxies_open(const struct proxies *p, struct datagram *d)
{
	struct proxy2 found;
	if (!proxies_have(p, &d->client))
		return true;
	if (proxy2_parse(d->query, &found) < 0 || found.size == d->query.size)
		return false;
	d->query = view_skip(d->query, found.size);
	if (found.client.size)
		d->client = found.client;
	return true;
}
