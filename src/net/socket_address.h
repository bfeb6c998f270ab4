/* socket_address.h - an endpoint as the system's calls want it. */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/endpoint.h"

union socket_address {
	struct sockaddr base;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* As the system says it. */
struct endpoint socket_endpoint(const struct sockaddr_storage *name);
/* Returns the size. */
socklen_t socket_address_of(const struct endpoint *at, union socket_address *ret);
