#include "daemon/served_addresses.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

struct found {
	struct prefix all[DNS_SERVER_ADDRESSES_MAX];
	size_t count;
};

static void add(struct found *f, const void *bytes, uint8_t family)
{
	bool is_v4 = family == ADDRESS_V4;
	struct prefix p = {.family = family, .bits = is_v4 ? 32 : 128};
	memcpy(p.bytes, bytes, is_v4 ? 4 : 16);
	for (size_t i = 0; i < f->count; i++) {
		if (f->all[i].family == family && memcmp(f->all[i].bytes, p.bytes, 16) == 0)
			return;
	}
	if (f->count < DNS_SERVER_ADDRESSES_MAX)
		f->all[f->count++] = p;
}

static void add_interface(struct found *f, const struct sockaddr *at, uint8_t family)
{
	if (at->sa_family == AF_INET && family == ADDRESS_V4) {
		const struct sockaddr_in *v4 = (const void *)at;
		const uint8_t *bytes = (const void *)&v4->sin_addr;
		if (bytes[0] != 169 || bytes[1] != 254)
			add(f, bytes, family);
	} else if (at->sa_family == AF_INET6 && family == ADDRESS_V6) {
		const struct sockaddr_in6 *v6 = (const void *)at;
		if (!IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
			add(f, &v6->sin6_addr, family);
	}
}

static int add_interfaces(struct found *f, uint8_t family)
{
	struct ifaddrs *all;
	if (getifaddrs(&all) < 0)
		return -errno;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (i->ifa_addr && i->ifa_flags & IFF_UP && !(i->ifa_flags & IFF_LOOPBACK))
			add_interface(f, i->ifa_addr, family);
	}
	freeifaddrs(all);
	return OK;
}

static int add_listeners(struct found *f, const struct schema_list *listen)
{
	static const uint8_t any[16];
	const struct endpoint *all = listen->items;
	int code = OK;
	for (size_t i = 0; code == OK && i < listen->count; i++) {
		if (memcmp(all[i].bytes, any, sizeof(any)) == 0)
			code = add_interfaces(f, all[i].family);
		else
			add(f, all[i].bytes, all[i].family);
	}
	return code;
}

int served_addresses_fill(struct dns_options *o, struct arena *a)
{
	struct found f = {0};
	if (o->server.addresses.count || o->tls.listen.count + o->https.listen.count == 0)
		return OK;
	int code = add_listeners(&f, &o->tls.listen);
	if (code == OK)
		code = add_listeners(&f, &o->https.listen);
	if (code == OK)
		code = add_listeners(&f, &o->listen);
	if (code < 0 || f.count == 0)
		return code;
	void *items = arena_copy(a, f.all, f.count * sizeof(*f.all));
	if (!items)
		return -ENOMEM;
	o->server.addresses = (struct schema_list){.items = items, .count = f.count};
	return OK;
}
