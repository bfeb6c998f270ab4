/* What a build without the libraries of AF_XDP has in the place of xdp_link.c and xdp_socket.c. */
#include <errno.h>

#include "net/xdp_link.h"
#include "net/xdp_socket.h"

int xdp_link_open(const struct interface *interface, const struct endpoint *at, size_t count,
                  struct xdp_link **ret)
{
	(void)interface, (void)at, (void)count, (void)ret;
	return -ENOSYS;
}

void xdp_link_close(struct xdp_link *l)
{
	(void)l;
}

int xdp_link_add(struct xdp_link *l, unsigned queue, int socket)
{
	(void)l, (void)queue, (void)socket;
	return -ENOSYS;
}

int xdp_socket_open(const struct interface *interface, unsigned queue,
                    const struct xdp_later *later, struct xdp_socket **ret)
{
	(void)interface, (void)queue, (void)later, (void)ret;
	return -ENOSYS;
}

void xdp_socket_close(struct xdp_socket *s)
{
	(void)s;
}

struct datagram_source *xdp_socket_source(struct xdp_socket *s)
{
	(void)s;
	return NULL;
}

bool xdp_socket_is_zero_copy(const struct xdp_socket *s)
{
	(void)s;
	return false;
}
