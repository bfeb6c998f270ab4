#include "net/udp_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>

#include "net/socket_address.h"

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

static int prepare(int fd)
{
	struct sockaddr_storage name = {0};
	socklen_t size = sizeof(name);
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &size) < 0)
		return -errno;
	struct endpoint at = socket_endpoint(&name);
	if (!endpoint_is_wildcard(&at))
		return OK;
	int on = 1;
	int r = name.ss_family == AF_INET
	                ? setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on))
	                : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	return r < 0 ? -errno : OK;
}

static struct address client_of(const struct sockaddr_storage *from)
{
	const void *name = from;
	if (from->ss_family == AF_INET)
		return address_from_bytes(&((const struct sockaddr_in *)name)->sin_addr, 4);
	if (from->ss_family == AF_INET6)
		return address_from_bytes(&((const struct sockaddr_in6 *)name)->sin6_addr, 16);
	return (struct address){0};
}

static struct udp_batch *batch_of(const struct datagram_source *s)
{
	const void *source = s;
	return ((const struct udp_source *)source)->batch;
}

static int receive(struct datagram_source *source, struct datagram batch[static UDP_BATCH])
{
	struct udp_batch *b = batch_of(source);
	for (unsigned i = 0; i < b->used; i++)
		header_reset(b, i);
	b->used = b->answers = 0;
	int count = recvmmsg(source->fd, b->in, UDP_BATCH, MSG_DONTWAIT, NULL);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED ? 0 : -errno;
	b->used = (unsigned)count;
	for (int i = 0; i < count; i++) {
		bool is_cut = b->in[i].msg_hdr.msg_flags & MSG_TRUNC;
		batch[i] = (struct datagram){
			.query = view_of(b->slots[i].query, is_cut ? 0 : b->in[i].msg_len),
			.client = client_of(&b->slots[i].name),
			.room = b->slots[i].answer,
			.room_size = UDP_ANSWER_SIZE_MAX};
	}
	return count;
}

static void peer(const struct datagram_source *source, int i, struct udp_peer *ret)
{
	const struct udp_batch *b = batch_of(source);
	const struct msghdr *h = &b->in[i].msg_hdr;
	ret->fd = source->fd;
	ret->name = b->slots[i].name;
	ret->name_size = (uint8_t)h->msg_namelen;
	ret->control_size = (uint8_t)h->msg_controllen;
	memcpy(ret->control, b->slots[i].control, h->msg_controllen);
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

static void add_answer(struct udp_batch *b, int i, size_t size)
{
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

static unsigned send_answers(struct datagram_source *source, const struct datagram *batch,
                             int count)
{
	struct udp_batch *b = batch_of(source);
	for (int i = 0; i < count; i++) {
		if (batch[i].answer_size)
			add_answer(b, i, batch[i].answer_size);
	}
	unsigned sent = 0, lost = 0;
	while (sent < b->answers) {
		int r = sendmmsg(source->fd, b->out + sent, b->answers - sent, MSG_DONTWAIT);
		if (r > 0) {
			sent += (unsigned)r;
			continue;
		}
		if (r < 0 && errno == EINTR)
			continue;
		/* the first of the rest cannot be sent: the others may be to others */
		sent++;
		lost++;
	}
	b->answers = 0;
	return lost;
}

int udp_source_open(struct udp_batch *b, int fd, struct udp_source *ret)
{
	int r = prepare(fd);
	if (r < 0)
		return r;
	*ret = (struct udp_source){
		.base = {.fd = fd, .receive = receive, .send = send_answers, .peer = peer},
		.batch = b};
	return OK;
}

int udp_send(const struct udp_peer *to, struct view answer)
{
	struct udp_peer copy = *to;
	struct iovec bytes = {(void *)(uintptr_t)answer.bytes, answer.size};
	struct msghdr header = {.msg_name = &copy.name,
	                        .msg_namelen = copy.name_size,
	                        .msg_iov = &bytes,
	                        .msg_iovlen = 1,
	                        .msg_control = copy.control_size ? copy.control : NULL,
	                        .msg_controllen = copy.control_size};
	free_interface(&header);
	return sendmsg(to->fd, &header, MSG_DONTWAIT) < 0 ? -errno : OK;
}
