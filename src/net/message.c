#include "net/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/reader.h"
#include "base/writer.h"

enum { PACKET_SIZE_MAX = MESSAGE_HEADER_SIZE + MESSAGE_BYTES_MAX };

/* room for one control message, aligned as the kernel wants it */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(MESSAGE_FDS_MAX * sizeof(int))];
};

int message_pair(int ret_fds[static 2])
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	ret_fds[0] = fds[0];
	ret_fds[1] = fds[1];
	return OK;
}

static void attach(struct msghdr *m, union control *control, const int *fds, size_t fd_count)
{
	if (fd_count == 0)
		return;
	memset(control, 0, sizeof(*control));
	m->msg_control = control->bytes;
	m->msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, fd_count * sizeof(int));
}

int message_send(int fd, uint32_t type, struct view bytes, const int *fds, size_t fd_count)
{
	if (bytes.size > MESSAGE_BYTES_MAX || fd_count > MESSAGE_FDS_MAX)
		return ERR_LIMIT;
	uint8_t packet[PACKET_SIZE_MAX];
	struct writer w = writer_open(packet, sizeof(packet));
	write_u32(&w, type);
	write_u32(&w, (uint32_t)bytes.size);
	write_view(&w, bytes);
	struct iovec part = {.iov_base = packet, .iov_len = writer_size(&w)};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	union control control;
	attach(&m, &control, fds, fd_count);
	ssize_t sent;
	do
		sent = sendmsg(fd, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == EPIPE || errno == ECONNRESET ? ERR_MISSING : -errno;
	return OK;
}

/* Collects every descriptor that the kernel has installed, so that none leaks. */
static void detach(struct msghdr *m, struct message *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count && ret->fd_count < MESSAGE_FDS_MAX; i++)
			memcpy(&ret->fds[ret->fd_count++], CMSG_DATA(c) + i * sizeof(int),
			       sizeof(int));
	}
}

int message_parse(struct view packet, size_t fd_count, struct message *ret)
{
	struct reader r = reader_open(packet.bytes, packet.size);
	uint32_t type = read_u32(&r);
	uint32_t size = read_u32(&r);
	if (r.failed || size != reader_left(&r) || size > MESSAGE_BYTES_MAX ||
	    fd_count > MESSAGE_FDS_MAX)
		return ERR_MALFORMED;
	ret->type = type;
	ret->size = size;
	if (size)
		memcpy(ret->bytes, r.at, size);
	return OK;
}

int message_receive(int fd, struct message *ret)
{
	uint8_t packet[PACKET_SIZE_MAX];
	union control control;
	struct iovec part = {.iov_base = packet, .iov_len = sizeof(packet)};
	struct msghdr m = {.msg_iov = &part,
	                   .msg_iovlen = 1,
	                   .msg_control = control.bytes,
	                   .msg_controllen = sizeof(control.bytes)};
	ssize_t size;
	do
		size = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return errno == ECONNRESET ? ERR_MISSING : -errno;
	ret->fd_count = 0;
	detach(&m, ret);
	if (size == 0 && ret->fd_count == 0)
		return ERR_MISSING;
	int code = m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)
	                   ? ERR_MALFORMED
	                   : message_parse(view_of(packet, (size_t)size), ret->fd_count, ret);
	if (code < 0)
		message_done(ret);
	return code;
}

int message_take_fd(struct message *m, size_t index)
{
	if (index >= m->fd_count)
		return -1;
	int fd = m->fds[index];
	m->fds[index] = -1;
	return fd;
}

void message_done(struct message *m)
{
	for (size_t i = 0; i < m->fd_count; i++)
		cleanup_fd(&m->fds[i]);
	m->fd_count = 0;
}
