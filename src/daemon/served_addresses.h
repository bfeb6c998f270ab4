/* served_addresses.h - the addresses by which clients reach the gate, where the administrator named none.
 *
 * What:    those of all listeners, the plain ones included: a client that asked there for encrypted service
 *          wants to find the address in the certificate. For a listener of every address of the machine
 *          those of its interfaces, without loopback and link-local ones.
 * Owns:    the list is in the arena.
 * Fails:   -errno.
 * Source:  RFC 9462 s4.2 and s6.2. */
#pragma once

#include "base/arena.h"
#include "gate/dns/options.h"

/* Fills in `server.addresses`, unless it is set or nothing is offered by TLS or HTTPS. */
int served_addresses_fill(struct dns_options *o, struct arena *a) must_check;
