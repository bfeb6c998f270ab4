#include "net/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

enum { MESSAGE_SIZE = 8192 };

struct conntrack {
	struct mnl_socket *socket;
	uint32_t drops; /* as the kernel counted last; it begins again at 2^32 */
	uint64_t lost;
	uint8_t bytes[MESSAGE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

DEFINE_CLEANUP(nfct_filter, struct nfct_filter *, nfct_filter_destroy);
DEFINE_CLEANUP(nf_conntrack, struct nf_conntrack *, nfct_destroy);

static int set_filter(int fd, uint32_t mark)
{
	const struct nfct_filter_dump_mark bits = {.val = mark, .mask = mark};
	cleanup(nfct_filter) struct nfct_filter *filter = nfct_filter_create();
	if (!filter)
		return -ENOMEM;
	nfct_filter_add_attr(filter, NFCT_FILTER_MARK, &bits);
	return nfct_filter_attach(fd, filter) < 0 ? -errno : OK;
}

static int set_socket(int fd, size_t buffer)
{
	int on = 1, size = buffer > INT32_MAX / 2 ? INT32_MAX / 2 : (int)buffer;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		return -errno;
	/* losses are counted instead: see net/nfqueue.c */
	return setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof(on)) < 0 ? -errno : OK;
}

int conntrack_open(uint32_t mark, size_t socket_buffer, struct conntrack **ret)
{
	cleanup(conntrack) struct conntrack *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (!c->socket)
		return -errno;
	/* the filter before the group: nothing that is not wanted comes first */
	int code = set_filter(conntrack_fd(c), mark);
	if (code == OK)
		code = set_socket(conntrack_fd(c), socket_buffer);
	if (code == OK &&
	    mnl_socket_bind(c->socket, NF_NETLINK_CONNTRACK_DESTROY, MNL_SOCKET_AUTOPID) < 0)
		code = -errno;
	if (code == OK)
		*ret = take_ptr(c);
	return code;
}

void conntrack_close(struct conntrack *c)
{
	if (!c)
		return;
	if (c->socket)
		mnl_socket_close(c->socket);
	free(c);
}

int conntrack_fd(const struct conntrack *c)
{
	return mnl_socket_get_fd(c->socket);
}

/* The attributes of a side: of IPv4 and of IPv6. */
static bool read_side(const struct nf_conntrack *ct, enum nf_conntrack_attr v4,
                      enum nf_conntrack_attr v6, enum nf_conntrack_attr port, struct address *ret,
                      uint16_t *ret_port)
{
	bool is_v6 = nfct_attr_is_set(ct, v6) > 0;
	const void *bytes = nfct_get_attr(ct, is_v6 ? v6 : v4);
	if (!bytes || nfct_attr_is_set(ct, port) <= 0)
		return false;
	*ret = address_from_bytes(bytes, is_v6 ? 16 : 4);
	*ret_port = ntohs(nfct_get_attr_u16(ct, port));
	return true;
}

static bool read_end(const struct nf_conntrack *ct, struct conntrack_end *ret)
{
	*ret = (struct conntrack_end){
		.key.protocol = nfct_get_attr_u8(ct, ATTR_L4PROTO),
		.mark = nfct_get_attr_u32(ct, ATTR_MARK),
		.bytes_up = nfct_get_attr_u64(ct, ATTR_ORIG_COUNTER_BYTES),
		.bytes_down = nfct_get_attr_u64(ct, ATTR_REPL_COUNTER_BYTES),
		.packets_up = nfct_get_attr_u64(ct, ATTR_ORIG_COUNTER_PACKETS),
		.packets_down = nfct_get_attr_u64(ct, ATTR_REPL_COUNTER_PACKETS),
		.started_us = (int64_t)(nfct_get_attr_u64(ct, ATTR_TIMESTAMP_START) / 1000),
		.ended_us = (int64_t)(nfct_get_attr_u64(ct, ATTR_TIMESTAMP_STOP) / 1000)};
	return (ret->key.protocol == FLOW_TCP || ret->key.protocol == FLOW_UDP) &&
	       read_side(ct, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC, ATTR_ORIG_PORT_SRC,
	                 &ret->key.client, &ret->key.client_port) &&
	       read_side(ct, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC, ATTR_REPL_PORT_SRC,
	                 &ret->key.server, &ret->key.server_port);
}

static bool read_message(const struct nlmsghdr *m, int size, struct conntrack_end *ret)
{
	if (!mnl_nlmsg_ok(m, size) ||
	    m->nlmsg_type != (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE))
		return false;
	cleanup(nf_conntrack) struct nf_conntrack *ct = nfct_new();
	return ct && nfct_nlmsg_parse(m, ct) >= 0 && read_end(ct, ret);
}

int conntrack_receive(struct conntrack *c, struct conntrack_end *ends, size_t max)
{
	size_t found = 0;
	while (found < max) {
		ssize_t size = recv(conntrack_fd(c), c->bytes, sizeof(c->bytes), MSG_DONTWAIT);
		if (size < 0 && errno != EAGAIN && errno != EINTR && found == 0)
			return -errno;
		if (size < 0)
			break;
		const void *bytes = c->bytes;
		found += read_message(bytes, (int)size, &ends[found]);
	}
	return (int)found;
}

uint64_t conntrack_lost(struct conntrack *c)
{
	uint32_t memory[SK_MEMINFO_VARS] = {0};
	socklen_t size = sizeof(memory);
	if (getsockopt(conntrack_fd(c), SOL_SOCKET, SO_MEMINFO, memory, &size) == 0) {
		c->lost += memory[SK_MEMINFO_DROPS] - c->drops;
		c->drops = memory[SK_MEMINFO_DROPS];
	}
	return c->lost;
}
