#include "net/interface.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(ifaddrs, struct ifaddrs *, freeifaddrs);

static bool is_usable(unsigned flags)
{
	return flags & IFF_UP && !(flags & (IFF_LOOPBACK | IFF_MASTER | IFF_SLAVE));
}

static int ask(int fd, struct ifreq *r, unsigned long what)
{
	return ioctl(fd, what, r) < 0 ? -errno : OK;
}

/* A driver that does not say has one. */
static unsigned queues_of(int fd, struct ifreq *r)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	r->ifr_data = (char *)&channels;
	if (ask(fd, r, SIOCETHTOOL) < 0)
		return 1;
	unsigned count = channels.combined_count + channels.rx_count;
	return count ? count : 1;
}

int interface_read(const char *name, struct interface *ret)
{
	struct interface i = {.index = if_nametoindex(name)};
	struct ifreq r = {0};
	if (i.index == 0 || strlen(name) >= sizeof(i.name))
		return -ENODEV;
	memcpy(i.name, name, strlen(name));
	memcpy(r.ifr_name, name, strlen(name));
	cleanup(fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int code = ask(fd, &r, SIOCGIFFLAGS);
	if (code == OK && !is_usable((unsigned short)r.ifr_flags))
		return -ENODEV;
	if (code == OK)
		code = ask(fd, &r, SIOCGIFHWADDR);
	if (code == OK && r.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return -ENODEV;
	memcpy(i.mac, r.ifr_hwaddr.sa_data, sizeof(i.mac));
	if (code == OK)
		code = ask(fd, &r, SIOCGIFMTU);
	if (code < 0)
		return code;
	i.mtu = (unsigned)r.ifr_mtu;
	i.queues = queues_of(fd, &r);
	*ret = i;
	return OK;
}

/* Returns false for what is not an address of the internet. */
static bool address_of(const struct ifaddrs *a, struct endpoint *ret)
{
	const void *name = a->ifa_addr;
	*ret = (struct endpoint){0};
	if (name && a->ifa_addr->sa_family == AF_INET) {
		ret->family = ADDRESS_V4;
		memcpy(ret->bytes, &((const struct sockaddr_in *)name)->sin_addr, 4);
	} else if (name && a->ifa_addr->sa_family == AF_INET6) {
		ret->family = ADDRESS_V6;
		memcpy(ret->bytes, &((const struct sockaddr_in6 *)name)->sin6_addr, 16);
	}
	return ret->family != ADDRESS_NONE;
}

static bool matches(const struct endpoint *at, const struct endpoint *address)
{
	return at->family == address->family &&
	       (endpoint_is_wildcard(at) ||
	        memcmp(at->bytes, address->bytes, sizeof(at->bytes)) == 0);
}

static bool is_listed(char names[static INTERFACES_MAX][IF_NAMESIZE], int count, const char *name)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static bool has_one(const struct ifaddrs *a, const struct endpoint *at, size_t count)
{
	struct endpoint address;
	if (!address_of(a, &address))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (matches(&at[i], &address))
			return true;
	}
	return false;
}

int interfaces_with(const struct endpoint *at, size_t count,
                    char ret_names[static INTERFACES_MAX][IF_NAMESIZE])
{
	cleanup(ifaddrs) struct ifaddrs *all = NULL;
	if (getifaddrs(&all) < 0)
		return -errno;
	int found = 0;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		if (!is_usable(a->ifa_flags) || !has_one(a, at, count) ||
		    is_listed(ret_names, found, a->ifa_name))
			continue;
		if (found == INTERFACES_MAX)
			return ERR_LIMIT;
		memset(ret_names[found], 0, IF_NAMESIZE);
		memcpy(ret_names[found++], a->ifa_name, strnlen(a->ifa_name, IF_NAMESIZE - 1));
	}
	return found;
}

struct endpoints {
	struct endpoint *items;
	size_t count, max;
};

static int add(struct endpoints *to, struct endpoint address, uint16_t port)
{
	if (to->count == to->max)
		return ERR_LIMIT;
	address.port = port;
	to->items[to->count++] = address;
	return OK;
}

static int add_all(struct endpoints *to, const struct ifaddrs *all, const struct endpoint *wildcard)
{
	int code = OK;
	for (const struct ifaddrs *a = all; code == OK && a; a = a->ifa_next) {
		struct endpoint address;
		if (address_of(a, &address) && address.family == wildcard->family)
			code = add(to, address, wildcard->port);
	}
	return code;
}

int interface_addresses(const struct endpoint *at, size_t count, struct endpoint *ret,
                        size_t ret_max)
{
	cleanup(ifaddrs) struct ifaddrs *all = NULL;
	if (getifaddrs(&all) < 0)
		return -errno;
	struct endpoints to = {ret, 0, ret_max};
	int code = OK;
	for (size_t i = 0; code == OK && i < count; i++)
		code = endpoint_is_wildcard(&at[i]) ? add_all(&to, all, &at[i])
		                                    : add(&to, at[i], at[i].port);
	return code < 0 ? code : (int)to.count;
}
