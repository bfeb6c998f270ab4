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
