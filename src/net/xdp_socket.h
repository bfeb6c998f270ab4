/* xdp_socket.h - one queue of an interface as a source of datagrams, without the socket layer (AF_XDP).
 *
 * What:    frames that the filter of xdp_link.h took out are parsed (wire/frame.h), answered in a frame of
 *          our own, and sent from the same queue. One that is not whole is given out empty. Where the driver
 *          can, nothing is copied.
 * Owns:    XDP_SOCKET_MEMORY bytes that it shares with the driver; borrows the UDP sockets for later answers.
 * Needs:   CAP_NET_RAW, and CAP_IPC_LOCK or a limit of locked memory that allows it; only to open.
 * Threads: one a socket.
 * Source:  Documentation/networking/af_xdp.rst of the kernel. */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "net/datagram.h"
#include "net/interface.h"

enum { XDP_SOCKET_MEMORY = 4 << 20 };

/* UDP sockets that listen on what the filter takes out: an answer that comes later goes by the one at the
 * address that the query went to. */
struct xdp_later {
	const int *fds;
	const struct endpoint *at;
	size_t count;
};

struct xdp_socket;

/* -errno; -EBUSY while another uses the queue, and for a moment after that. */
int xdp_socket_open(const struct interface *interface, unsigned queue,
                    const struct xdp_later *later, struct xdp_socket **ret) must_check;
void xdp_socket_close(struct xdp_socket *s);
DEFINE_CLEANUP(xdp_socket, struct xdp_socket *, xdp_socket_close);

struct datagram_source *xdp_socket_source(struct xdp_socket *s);
/* Whether the driver works on our memory and copies nothing. */
bool xdp_socket_is_zero_copy(const struct xdp_socket *s);
