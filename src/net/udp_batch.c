#include "net/udp_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>

struct slot {
	struct sockaddr_storage name;
	uint8_t control[UDP_CONTROL_SIZE] __attribute__((aligned(8)));
	uint8_t query[UDP_QUERY_SIZE_MAX];
	uint8_t answer[UDP_ANSWER_SIZE_MAX];
};

struct udp_batch {
	struct mmsghdr in[UDP_BATCH], out[UDP_BATCH];
	struct iovec in_bytes[UDP_BATCH], out_bytes[UDP_BATCH];
	unsigned used; /* of `in`: these headers were written over by the last receive */
	unsigned answers;
	struct slot slots[UDP_BATCH];
};

_Static_assert(CMSG_SPACE(sizeof(struct in6_pktinfo)) <= UDP_CONTROL_SIZE, "control");

static void header_reset(struct udp_batch *b, unsigned i)
{
	struct slot *s = &b->slots[i];
	b->in[i].msg_hdr = (struct msghdr){.msg_name = &s->name,
	                                   .msg_namelen = sizeof(s->name),
	                                   .msg_iov = &b->in_bytes[i],
	                                   .msg_iovlen = 1,
	                                   .msg_control = s->control,
	                                   .msg_controllen = sizeof(s->control)};
}

int udp_batch_new(struct udp_batch **ret)
{
	struct udp_batch *b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	for (unsigned i = 0; i < UDP_BATCH; i++)
		b->in_bytes[i] = (struct iovec){b->slots[i].query, UDP_QUERY_SIZE_MAX};
	b->used = UDP_BATCH;
	*ret = b;
	return OK;
}

void udp_batch_free(struct udp_batch *b)
{
	free(b);
}

static bool is_wildcard(const struct sockaddr_storage *name)
{
	const void *any = name;
	if (name->ss_family == AF_INET)
		return ((const struct sockaddr_in *)any)->sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)any)->sin6_addr);
}

int udp_batch_prepare(int fd)
{
	struct sockaddr_storage name = {0};
	socklen_t size = sizeof(name);
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &size) < 0)
		return -errno;
	if (!is_wildcard(&name))
		return OK;
	int on = 1;
	int r = name.ss_family == AF_INET
	                ? setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on))
	                : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	return r < 0 ? -errno : OK;
}

int udp_batch_receive(struct udp_batch *b, int fd)
{
	for (unsigned i = 0; i < b->used; i++)
		header_reset(b, i);
	b->used = b->answers = 0;
	int count = recvmmsg(fd, b->in, UDP_BATCH, MSG_DONTWAIT, NULL);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED ? 0 : -errno;
	b->used = (unsigned)count;
	return count;
}

struct view udp_batch_query(const struct udp_batch *b, int i)
{
	const struct mmsghdr *m = &b->in[i];
	return view_of(b->slots[i].query, m->msg_hdr.msg_flags & MSG_TRUNC ? 0 : m->msg_len);
}

struct address udp_batch_client(const struct udp_batch *b, int i)
{
	const void *name = &b->slots[i].name;
	if (b->slots[i].name.ss_family == AF_INET)
		return address_from_bytes(&((const struct sockaddr_in *)name)->sin_addr, 4);
	if (b->slots[i].name.ss_family == AF_INET6)
		return address_from_bytes(&((const struct sockaddr_in6 *)name)->sin6_addr, 16);
	return (struct address){0};
}

void udp_batch_peer(const struct udp_batch *b, int i, struct udp_peer *ret)
{
	const struct msghdr *h = &b->in[i].msg_hdr;
	ret->name = b->slots[i].name;
	ret->name_size = (uint8_t)h->msg_namelen;
	ret->control_size = (uint8_t)h->msg_controllen;
	memcpy(ret->control, b->slots[i].control, h->msg_controllen);
}

uint8_t *udp_batch_room(struct udp_batch *b, int i)
{
	return b->slots[i].answer;
}

/* The kernel's note says by which interface the query came: the answer may take another, but for
 * link-local addresses, which mean nothing without theirs. */
static void free_interface(struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		void *data = CMSG_DATA(c);
		struct in6_pktinfo *v6 = data;
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			((struct in_pktinfo *)data)->ipi_ifindex = 0;
		else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO &&
		         !IN6_IS_ADDR_LINKLOCAL(&v6->ipi6_addr))
			v6->ipi6_ifindex = 0;
	}
}

void udp_batch_answer(struct udp_batch *b, int i, size_t size)
{
	if (size == 0)
		return;
	unsigned at = b->answers++;
	b->out_bytes[at] = (struct iovec){b->slots[i].answer, size};
	/* what the kernel wrote about the query is what it wants to know about the answer */
	b->out[at].msg_hdr = b->in[i].msg_hdr;
	b->out[at].msg_hdr.msg_iov = &b->out_bytes[at];
	b->out[at].msg_hdr.msg_flags = 0;
	if (b->out[at].msg_hdr.msg_controllen == 0)
		b->out[at].msg_hdr.msg_control = NULL;
	else
		free_interface(&b->out[at].msg_hdr);
}

unsigned udp_batch_send(struct udp_batch *b, int fd)
{
	unsigned sent = 0, lost = 0;
	while (sent < b->answers) {
		int count = sendmmsg(fd, b->out + sent, b->answers - sent, MSG_DONTWAIT);
		if (count > 0) {
			sent += (unsigned)count;
			continue;
		}
		if (count < 0 && errno == EINTR)
			continue;
		/* the first of the rest cannot be sent: the others may be to others */
		sent++;
		lost++;
	}
	b->answers = 0;
	return lost;
}

int udp_send(int fd, const struct udp_peer *peer, struct view answer)
{
	struct udp_peer copy = *peer;
	struct iovec bytes = {(void *)(uintptr_t)answer.bytes, answer.size};
	struct msghdr header = {.msg_name = &copy.name,
	                        .msg_namelen = copy.name_size,
	                        .msg_iov = &bytes,
	                        .msg_iovlen = 1,
	                        .msg_control = copy.control_size ? copy.control : NULL,
	                        .msg_controllen = copy.control_size};
	free_interface(&header);
	return sendmsg(fd, &header, MSG_DONTWAIT) < 0 ? -errno : OK;
}
