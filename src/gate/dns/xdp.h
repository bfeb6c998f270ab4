/* xdp.h - which interfaces are answered without the socket layer, and by which worker.
 *
 * What:    on each interface that the options name, or that has an address of a listener: the filter, and a
 *          socket a queue. The queues are dealt out to the workers in turn; a worker without one, an interface
 *          that cannot, TCP and all else go by the usual sockets, which stay open beside them.
 * Why not: with `auto` an interface keeps to sockets when the machine filters packets: no filter sees what
 *          is answered here. dns_xdp_paths() tells it.
 * Life:    opened with the privileges of net/xdp_link.h, before the sandbox; closed after the gate.
 * Owns:    filters and sockets; borrows the listeners' sockets. */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "gate/dns/gate.h"
#include "net/datagram.h"

struct dns_xdp_path {
	char interface[IF_NAMESIZE];
	unsigned queues;
	bool is_zero_copy; /* on all of them */
	const char *why;   /* it keeps to sockets; NULL: it does not */
};

struct dns_xdp;

/* Of `setup` the options, listeners and number of workers. -errno; that an interface cannot is none. */
int dns_xdp_open(const struct dns_gate_setup *setup, struct dns_xdp **ret) must_check;
void dns_xdp_close(struct dns_xdp *x);
DEFINE_CLEANUP(dns_xdp, struct dns_xdp *, dns_xdp_close);

size_t dns_xdp_paths(const struct dns_xdp *x, const struct dns_xdp_path **ret);

/* Of the so-many-th source, until it returns NULL: the source, and the worker that answers it. */
struct datagram_source *dns_xdp_source(const struct dns_xdp *x, size_t i, unsigned *ret_worker);
