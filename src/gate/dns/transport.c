#include "gate/dns/transport.h"

#include <assert.h>

const struct dns_transport_row dns_transports[DNS_TRANSPORTS] = {
	[DNS_OVER_UDP] = {"udp", LISTEN_UDP, EVENT_TRANSPORT_UDP, true, false},
	[DNS_OVER_TCP] = {"tcp", LISTEN_TCP, EVENT_TRANSPORT_TCP, false, false},
	[DNS_OVER_TLS] = {"tls", LISTEN_TCP, EVENT_TRANSPORT_TLS, false, true},
	[DNS_OVER_HTTPS] = {"https", LISTEN_TCP, EVENT_TRANSPORT_HTTPS, false, true},
};

static const struct listen_list {
	enum dns_transport transport;
	size_t offset; /* of a schema_list of endpoints in struct dns_options */
} listen_lists[] = {
	{DNS_OVER_UDP, offsetof(struct dns_options, listen)},
	{DNS_OVER_TCP, offsetof(struct dns_options, listen)},
	{DNS_OVER_TLS, offsetof(struct dns_options, tls.listen)},
	{DNS_OVER_HTTPS, offsetof(struct dns_options, https.listen)},
};

enum { LISTEN_LISTS = sizeof(listen_lists) / sizeof(listen_lists[0]) };

static const struct schema_list *list_of(const struct dns_options *o, size_t row)
{
	const void *at = (const char *)o + listen_lists[row].offset;
	return at;
}

size_t dns_listen_count(const struct dns_options *o)
{
	size_t count = 0;
	for (size_t i = 0; i < LISTEN_LISTS; i++)
		count += list_of(o, i)->count;
	return count;
}

struct dns_listen dns_listen_at(const struct dns_options *o, size_t index)
{
	size_t row = 0;
	while (index >= list_of(o, row)->count) {
		index -= list_of(o, row)->count;
		row++;
		assert(row < LISTEN_LISTS);
	}
	const struct endpoint *endpoints = list_of(o, row)->items;
	return (struct dns_listen){&endpoints[index], listen_lists[row].transport};
}
