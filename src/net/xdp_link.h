/* xdp_link.h - our filter in the driver of one interface, as long as this process lives.
 *
 * What:    datagrams for the given addresses go to the socket that is added for their queue; everything else,
 *          and a queue without a socket, goes to the kernel as before. When the link is closed, or its process
 *          ends in whatever way, the kernel takes the filter out.
 * Only:    in the driver itself (native). What the kernel does in its place saves too little.
 * Needs:   CAP_NET_ADMIN and CAP_BPF, only to open.
 * Fails:   -errno: -EOPNOTSUPP when the driver cannot, -EBUSY when another filter is there, -EPERM,
 *          -ENOSYS in a build without AF_XDP; ERR_MISSING, ERR_VERSION: as library_open(); ERR_LIMIT. */
#pragma once

#include "base/cleanup.h"
#include "base/endpoint.h"
#include "base/err.h"
#include "net/interface.h"

struct xdp_link;

/* `at`: whole addresses, no wildcards. */
int xdp_link_open(const struct interface *interface, const struct endpoint *at, size_t count,
                  struct xdp_link **ret) must_check;
void xdp_link_close(struct xdp_link *l);
DEFINE_CLEANUP(xdp_link, struct xdp_link *, xdp_link_close);

/* From here on what the queue receives goes to the socket. */
int xdp_link_add(struct xdp_link *l, unsigned queue, int socket) must_check;
