/* interface.h - the machine's Ethernet interfaces and the addresses that they have.
 *
 * What:    as they are at the moment of asking. An interface that is down, loops back, or is part of a bond
 *          is not listed.
 * Fails:   -errno; -ENODEV for a name that is not such an interface; ERR_LIMIT. */
#pragma once

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

#include "base/endpoint.h"
#include "base/err.h"

enum { INTERFACES_MAX = 64, INTERFACE_MAC_SIZE = 6 };

struct interface {
	char name[IF_NAMESIZE];
	unsigned index;
	unsigned mtu;
	unsigned queues; /* that receive */
	uint8_t mac[INTERFACE_MAC_SIZE];
};

int interface_read(const char *name, struct interface *ret) must_check;

/* The names of interfaces that have one of these addresses, or any when there is a wildcard of its family.
 * Returns how many. */
int interfaces_with(const struct endpoint *at, size_t count,
                    char ret_names[static INTERFACES_MAX][IF_NAMESIZE]) must_check;

/* Writes the endpoints, for each wildcard all addresses of the machine with its port. Returns how many. */
int interface_addresses(const struct endpoint *at, size_t count, struct endpoint *ret,
                        size_t ret_max) must_check;
