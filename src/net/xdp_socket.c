#include "net/xdp_socket.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xdp/libxdp.h>
#include <xdp/xsk.h>

#include "net/library.h"
#include "wire/frame.h"

enum {
	FRAME_ROOM = 2048, /* of one frame: a power of two, as the kernel wants it */
	FRAMES = 1024,     /* for queries, and as many for answers; so many places has each ring */
	KICKS_MAX = 32,    /* one sends a few dozen frames where the driver copies */
	SEND_BUFFER = 8 << 20, /* for copies of all answers */
	UDP_OVER_IPV6 = 48,
};

_Static_assert(2 * FRAMES * FRAME_ROOM == XDP_SOCKET_MEMORY, "memory");
_Static_assert(FRAME_HEADER_V6 + UDP_ANSWER_SIZE_MAX <= FRAME_ROOM, "an answer fits");

/* Of libxdp; what a queue's packets need is inline. */
struct functions {
	__typeof__(libxdp_set_print) *set_print;
	__typeof__(xsk_umem__create) *memory_create;
	__typeof__(xsk_umem__delete) *memory_delete;
	__typeof__(xsk_socket__create) *create;
	__typeof__(xsk_socket__delete) *delete;
	__typeof__(xsk_socket__fd) *fd;
};

static const struct library_symbol symbols[] = {
	{"libxdp_set_print", offsetof(struct functions, set_print)},
	{"xsk_umem__create", offsetof(struct functions, memory_create)},
	{"xsk_umem__delete", offsetof(struct functions, memory_delete)},
	{"xsk_socket__create", offsetof(struct functions, create)},
	{"xsk_socket__delete", offsetof(struct functions, delete)},
	{"xsk_socket__fd", offsetof(struct functions, fd)},
};

struct xdp_socket {
	struct datagram_source base;
	struct functions xdp;
	struct xsk_umem *umem;
	struct xsk_socket *xsk;
	uint8_t *frames;
	struct xsk_ring_prod fill, out; /* frames for queries; answers */
	struct xsk_ring_cons done, in;  /* frames of answers that are gone; queries */
	uint64_t idle[FRAMES];          /* frames for answers */
	unsigned idle_count;
	uint32_t batch_at; /* in `in` */
	struct frame requests[UDP_BATCH];
	size_t payload_max;
	unsigned interface;
	struct xdp_later later;
};

static struct xdp_socket *socket_of(struct datagram_source *source)
{
	void *s = source;
	return s;
}

static void reclaim(struct xdp_socket *s)
{
	uint32_t at, count = xsk_ring_cons__peek(&s->done, FRAMES, &at);
	assert(s->idle_count + count <= FRAMES);
	for (uint32_t i = 0; i < count; i++)
		s->idle[s->idle_count++] = *xsk_ring_cons__comp_addr(&s->done, at + i);
	xsk_ring_cons__release(&s->done, count);
}

/* The so-many-th of a batch would be answered in this frame. */
static uint64_t reply_of(const struct xdp_socket *s, unsigned i)
{
	return s->idle[s->idle_count - 1 - i];
}

static struct datagram read_frame(struct xdp_socket *s, unsigned i)
{
	const struct xdp_desc *from = xsk_ring_cons__rx_desc(&s->in, s->batch_at + i);
	struct frame *f = &s->requests[i];
	if (frame_parse(view_of(s->frames + from->addr, from->len), f) < 0)
		return (struct datagram){0};
	return (struct datagram){.query = f->payload,
	                         .client = f->source,
	                         .room = s->frames + reply_of(s, i) + f->header_size,
	                         .room_size = s->payload_max};
}

/* The batch keeps its frames until its answers are sent: queries point into them. */
static int receive(struct datagram_source *source, struct datagram batch[static UDP_BATCH])
{
	struct xdp_socket *s = socket_of(source);
	reclaim(s);
	uint32_t most = s->idle_count < UDP_BATCH ? s->idle_count : UDP_BATCH;
	uint32_t count = xsk_ring_cons__peek(&s->in, most, &s->batch_at);
	for (unsigned i = 0; i < count; i++)
		batch[i] = read_frame(s, i);
	return (int)count;
}

/* Returns how many answers there are. */
static unsigned put_answers(struct xdp_socket *s, const struct datagram *batch, unsigned count)
{
	unsigned answers = 0, unused = 0;
	for (unsigned i = 0; i < count; i++)
		answers += batch[i].answer_size > 0;
	uint32_t at, places = xsk_ring_prod__reserve(&s->out, answers, &at);
	assert(places == answers);
	uint64_t frames[UDP_BATCH];
	for (unsigned i = 0; i < count; i++) {
		uint64_t frame = reply_of(s, i);
		if (batch[i].answer_size == 0) {
			frames[unused++] = frame;
			continue;
		}
		size_t size = frame_reply(&s->requests[i], s->frames + frame, batch[i].answer_size);
		*xsk_ring_prod__tx_desc(&s->out, at++) =
			(struct xdp_desc){.addr = frame, .len = (uint32_t)size};
	}
	xsk_ring_prod__submit(&s->out, answers);
	s->idle_count -= count;
	memcpy(s->idle + s->idle_count, frames, unused * sizeof(frames[0]));
	s->idle_count += unused;
	return answers;
}

/* Gives the frames of the batch's queries back to the driver. */
static void refill(struct xdp_socket *s, unsigned count)
{
	uint32_t at, places = xsk_ring_prod__reserve(&s->fill, count, &at);
	assert(places == count);
	for (unsigned i = 0; i < count; i++) {
		uint64_t frame = xsk_ring_cons__rx_desc(&s->in, s->batch_at + i)->addr;
		*xsk_ring_prod__fill_addr(&s->fill, at + i) = frame & ~(uint64_t)(FRAME_ROOM - 1);
	}
	xsk_ring_prod__submit(&s->fill, count);
	xsk_ring_cons__release(&s->in, count);
	if (xsk_ring_prod__needs_wakeup(&s->fill))
		(void)recvfrom(s->base.fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

/* Whether the driver took what is in the ring, or will: a full one does later by itself. */
static bool kick(struct xdp_socket *s)
{
	for (int i = 0; i < KICKS_MAX && xsk_ring_prod__needs_wakeup(&s->out); i++) {
		if (sendto(s->base.fd, NULL, 0, MSG_DONTWAIT, NULL, 0) >= 0)
			return true;
		if (errno != EAGAIN && errno != EINTR && errno != EBUSY)
			return false;
	}
	return true;
}

static unsigned send_answers(struct datagram_source *source, const struct datagram *batch,
                             int count)
{
	struct xdp_socket *s = socket_of(source);
	unsigned answers = put_answers(s, batch, (unsigned)count);
	refill(s, (unsigned)count);
	return answers == 0 || kick(s) ? 0 : answers;
}

static bool is_at(const struct endpoint *at, const struct frame *f)
{
	return at->port == f->destination_port &&
	       at->family == (f->destination.size == 4 ? ADDRESS_V4 : ADDRESS_V6) &&
	       (endpoint_is_wildcard(at) ||
	        memcmp(at->bytes, f->destination.bytes, f->destination.size) == 0);
}

static int later_fd(const struct xdp_later *later, const struct frame *f)
{
	for (size_t i = 0; i < later->count; i++) {
		if (is_at(&later->at[i], f))
			return later->fds[i];
	}
	return -1;
}

static void put_control(struct udp_peer *p, int level, int type, const void *data, size_t size)
{
	struct msghdr h = {.msg_control = p->control, .msg_controllen = CMSG_SPACE(size)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	*c = (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type};
	memcpy(CMSG_DATA(c), data, size);
	p->control_size = (uint8_t)CMSG_SPACE(size);
}

static void peer_v4(const struct frame *f, struct udp_peer *p)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(f->source_port)};
	struct in_pktinfo from = {0};
	memcpy(&name.sin_addr, f->source.bytes, 4);
	memcpy(&from.ipi_spec_dst, f->destination.bytes, 4);
	memcpy(&p->name, &name, sizeof(name));
	p->name_size = sizeof(name);
	put_control(p, IPPROTO_IP, IP_PKTINFO, &from, sizeof(from));
}

static void peer_v6(const struct frame *f, unsigned interface, struct udp_peer *p)
{
	struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(f->source_port)};
	struct in6_pktinfo from = {.ipi6_ifindex = interface};
	memcpy(&name.sin6_addr, f->source.bytes, 16);
	memcpy(&from.ipi6_addr, f->destination.bytes, 16);
	if (IN6_IS_ADDR_LINKLOCAL(&name.sin6_addr))
		name.sin6_scope_id = interface;
	memcpy(&p->name, &name, sizeof(name));
	p->name_size = sizeof(name);
	put_control(p, IPPROTO_IPV6, IPV6_PKTINFO, &from, sizeof(from));
}

static void peer(const struct datagram_source *source, int i, struct udp_peer *ret)
{
	const void *at = source;
	const struct xdp_socket *s = at;
	const struct frame *f = &s->requests[i];
	*ret = (struct udp_peer){.fd = later_fd(&s->later, f)};
	if (f->source.size == 4)
		peer_v4(f, ret);
	else
		peer_v6(f, s->interface, ret);
}

static int open_rings(struct xdp_socket *s, const struct interface *interface, unsigned queue)
{
	const struct xsk_umem_config umem = {
		.fill_size = FRAMES, .comp_size = FRAMES, .frame_size = FRAME_ROOM};
	const struct xsk_socket_config socket = {.rx_size = FRAMES,
	                                         .tx_size = FRAMES,
	                                         .libxdp_flags =
	                                                 XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
	                                         .bind_flags = XDP_USE_NEED_WAKEUP};
	int code =
		library_open("libxdp.so.1", symbols, sizeof(symbols) / sizeof(*symbols), &s->xdp);
	if (code < 0)
		return code;
	(void)s->xdp.set_print(NULL); /* what it would print is in its result */
	void *memory = mmap(NULL, XDP_SOCKET_MEMORY, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -errno;
	s->frames = memory;
	code = s->xdp.memory_create(&s->umem, memory, XDP_SOCKET_MEMORY, &s->fill, &s->done, &umem);
	if (code == OK)
		code = s->xdp.create(&s->xsk, interface->name, queue, s->umem, &s->in, &s->out,
		                     &socket);
	if (code < 0)
		return code;
	int size = SEND_BUFFER, fd = s->xdp.fd(s->xsk);
	return setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0 ? -errno : OK;
}

/* The first half of the frames waits for queries, the other for answers. */
static void share_out_frames(struct xdp_socket *s)
{
	uint32_t at, places = xsk_ring_prod__reserve(&s->fill, FRAMES, &at);
	assert(places == FRAMES);
	for (uint32_t i = 0; i < FRAMES; i++) {
		*xsk_ring_prod__fill_addr(&s->fill, at + i) = (uint64_t)i * FRAME_ROOM;
		s->idle[i] = (uint64_t)(FRAMES + i) * FRAME_ROOM;
	}
	xsk_ring_prod__submit(&s->fill, FRAMES);
	s->idle_count = FRAMES;
}

int xdp_socket_open(const struct interface *interface, unsigned queue,
                    const struct xdp_later *later, struct xdp_socket **ret)
{
	if (interface->mtu <= UDP_OVER_IPV6)
		return -EINVAL;
	cleanup(xdp_socket) struct xdp_socket *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	int code = open_rings(s, interface, queue);
	if (code < 0)
		return code;
	share_out_frames(s);
	size_t fits = interface->mtu - UDP_OVER_IPV6;
	s->payload_max = fits < UDP_ANSWER_SIZE_MAX ? fits : UDP_ANSWER_SIZE_MAX;
	s->interface = interface->index;
	s->later = *later;
	s->base = (struct datagram_source){
		.fd = s->xdp.fd(s->xsk), .receive = receive, .send = send_answers, .peer = peer};
	*ret = take_ptr(s);
	return OK;
}

void xdp_socket_close(struct xdp_socket *s)
{
	if (!s)
		return;
	if (s->xsk)
		s->xdp.delete(s->xsk);
	if (s->umem)
		(void)s->xdp.memory_delete(s->umem);
	if (s->frames)
		munmap(s->frames, XDP_SOCKET_MEMORY);
	free(s);
}

struct datagram_source *xdp_socket_source(struct xdp_socket *s)
{
	return &s->base;
}

bool xdp_socket_is_zero_copy(const struct xdp_socket *s)
{
	struct xdp_options options = {0};
	socklen_t size = sizeof(options);
	return getsockopt(s->base.fd, SOL_XDP, XDP_OPTIONS, &options, &size) == 0 &&
	       options.flags & XDP_OPTIONS_ZEROCOPY;
}
