#include "net/udp_client.h"

#include <errno.h>

#include "net/socket_address.h"

enum { PORT_MIN = 10240, PORT_TRIES = 32, BUFFER = 1 << 20 };

struct udp_inbox {
	struct mmsghdr headers[UDP_CLIENT_BATCH];
	struct iovec places[UDP_CLIENT_BATCH];
	uint8_t packets[UDP_CLIENT_BATCH][UDP_CLIENT_ANSWER_MAX];
};

/* A port from the whole range: the kernel's own choice is from half of it. */
static int bind_somewhere(int fd, enum address_family family, struct random_pool *random)
{
	struct endpoint any = {.family = (uint8_t)family};
	union socket_address name;
	for (int i = 0; i < PORT_TRIES; i++) {
		do
			any.port = random_pool_u16(random);
		while (any.port < PORT_MIN);
		socklen_t size = socket_address_of(&any, &name);
		if (bind(fd, &name.base, size) == 0)
			return OK;
		if (errno != EADDRINUSE && errno != EACCES)
			return -errno;
	}
	return -EADDRINUSE;
}

int udp_client_open(const struct endpoint *to, struct random_pool *random)
{
	union socket_address name;
	socklen_t size = socket_address_of(to, &name);
	cleanup(fd) int fd =
		socket(name.base.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int r = bind_somewhere(fd, (enum address_family)to->family, random);
	if (r < 0)
		return r;
	int buffer = BUFFER;
	/* what the system allows is what there is */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (connect(fd, &name.base, size) < 0)
		return -errno;
	int opened = fd;
	fd = -1;
	return opened;
}

int udp_client_send(int fd, const struct view *packets, unsigned count)
{
	struct mmsghdr headers[UDP_CLIENT_BATCH];
	struct iovec places[UDP_CLIENT_BATCH];
	if (count > UDP_CLIENT_BATCH)
		count = UDP_CLIENT_BATCH;
	for (unsigned i = 0; i < count; i++) {
		places[i] = (struct iovec){(void *)(uintptr_t)packets[i].bytes, packets[i].size};
		headers[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &places[i], .msg_iovlen = 1}};
	}
	int sent = sendmmsg(fd, headers, count, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sent < 0 ? -errno : sent;
}

int udp_inbox_new(struct udp_inbox **ret)
{
	struct udp_inbox *b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	for (unsigned i = 0; i < UDP_CLIENT_BATCH; i++) {
		b->places[i] = (struct iovec){b->packets[i], UDP_CLIENT_ANSWER_MAX};
		b->headers[i].msg_hdr = (struct msghdr){.msg_iov = &b->places[i], .msg_iovlen = 1};
	}
	*ret = b;
	return OK;
}

void udp_inbox_free(struct udp_inbox *b)
{
	free(b);
}

int udp_inbox_receive(struct udp_inbox *b, int fd)
{
	int count = recvmmsg(fd, b->headers, UDP_CLIENT_BATCH, MSG_DONTWAIT, NULL);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return count;
}

struct view udp_inbox_packet(const struct udp_inbox *b, int i)
{
	return view_of(b->packets[i], b->headers[i].msg_len);
}
