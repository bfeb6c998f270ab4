#include "net/socket_address.h"

#include <string.h>

socklen_t socket_address_of(const struct endpoint *at, union socket_address *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (at->family == ADDRESS_V6) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons(at->port);
		memcpy(&ret->v6.sin6_addr, at->bytes, 16);
		return sizeof(ret->v6);
	}
	ret->v4.sin_family = AF_INET;
	ret->v4.sin_port = htons(at->port);
	memcpy(&ret->v4.sin_addr, at->bytes, 4);
	return sizeof(ret->v4);
}

struct endpoint socket_endpoint(const struct sockaddr_storage *name)
{
	const void *at = name;
	const struct sockaddr_in *v4 = at;
	const struct sockaddr_in6 *v6 = at;
	struct endpoint ret = {.family = name->ss_family == AF_INET6 ? ADDRESS_V6 : ADDRESS_V4};
	if (ret.family == ADDRESS_V6) {
		ret.port = ntohs(v6->sin6_port);
		memcpy(ret.bytes, &v6->sin6_addr, 16);
	} else {
		ret.port = ntohs(v4->sin_port);
		memcpy(ret.bytes, &v4->sin_addr, 4);
	}
	return ret;
}
