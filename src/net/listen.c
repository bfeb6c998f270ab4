#include "net/listen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "net/socket_address.h"

enum { BACKLOG_DEFAULT = 1024 };

const char *const listen_transport_names[] = {"udp", "tcp"};

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : OK;
}

static int set_udp(int fd, const struct endpoint *at, const struct listen_options *options)
{
	bool v6 = at->family == ADDRESS_V6;
	/* answers are never fragmented on the word of a forged "fragmentation needed" */
	(void)set(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
	          v6 ? IPV6_PMTUDISC_OMIT : IP_PMTUDISC_OMIT);
	/* beyond the system's limit only root may go: then the system's limit is what we get */
	if (options->receive_buffer &&
	    set(fd, SOL_SOCKET, SO_RCVBUFFORCE, options->receive_buffer) < 0)
		(void)set(fd, SOL_SOCKET, SO_RCVBUF, options->receive_buffer);
	if (!endpoint_is_wildcard(at))
		return OK;
	return v6 ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : set(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

static int open_one(const struct endpoint *at, enum listen_transport transport,
                    const struct listen_options *options, bool shared, int *ret_fd)
{
	bool tcp = transport == LISTEN_TCP;
	int type = (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
	cleanup(fd) int fd = socket(at->family == ADDRESS_V6 ? AF_INET6 : AF_INET, type, 0);
	if (fd < 0)
		return -errno;
	int code = at->family == ADDRESS_V6 ? set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) : OK;
	if (code == OK && tcp)
		code = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (code == OK && shared)
		code = set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (code == OK && !tcp)
		code = set_udp(fd, at, options);
	if (code < 0)
		return code;
	union socket_address address;
	socklen_t size = socket_address_of(at, &address);
	if (bind(fd, &address.base, size) < 0)
		return -errno;
	if (tcp && listen(fd, options->backlog ? options->backlog : BACKLOG_DEFAULT) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return OK;
}

int listen_endpoint(int fd, struct endpoint *ret)
{
	struct sockaddr_storage name = {0};
	void *at = &name;
	socklen_t size = sizeof(name);
	if (getsockname(fd, at, &size) < 0)
		return -errno;
	*ret = socket_endpoint(&name);
	return OK;
}

int listen_port(int fd)
{
	struct endpoint at;
	int code = listen_endpoint(fd, &at);
	return code < 0 ? code : at.port;
}

static int probe(const struct endpoint *at, enum listen_transport transport)
{
	static const struct listen_options plain;
	cleanup(fd) int fd = -1;
	return open_one(at, transport, &plain, false, &fd);
}

static int open_group(struct endpoint at, enum listen_transport transport,
                      const struct listen_options *options, size_t count, int *fds)
{
	for (size_t i = 0; i < count; i++) {
		int code = open_one(&at, transport, options, true, &fds[i]);
		if (code < 0)
			return code;
		if (at.port == 0) {
			code = listen_port(fds[i]);
			if (code < 0)
				return code;
			at.port = (uint16_t)code;
		}
	}
	return OK;
}

int listen_open(const struct endpoint *at, enum listen_transport transport,
                const struct listen_options *options, size_t count, int *ret_fds)
{
	int code = probe(at, transport);
	cleanup(free) int *fds = malloc((count ? count : 1) * sizeof(*fds));
	if (code < 0 || !fds)
		return code < 0 ? code : -ENOMEM;
	for (size_t i = 0; i < count; i++)
		fds[i] = -1;
	code = open_group(*at, transport, options, count, fds);
	if (code == OK) {
		memcpy(ret_fds, fds, count * sizeof(*fds));
		return OK;
	}
	for (size_t i = 0; i < count; i++)
		cleanup_fd(&fds[i]);
	return code;
}

static const struct {
	int code;
	const char *why;
} reasons[] = {
	{-EADDRINUSE, "the port is in use by another program"},
	{-EACCES, "not permitted: a port below 1024 needs root or the capability net_bind_service"},
	{-EPERM, "not permitted"},
	{-EADDRNOTAVAIL, "the address is not one of this machine"},
	{-EAFNOSUPPORT, "this machine does not have that family of addresses"},
};

const char *listen_explain(const struct endpoint *at, enum listen_transport transport, int code,
                           char text[static LISTEN_TEXT_SIZE])
{
	const char *why = err_text(code);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (reasons[i].code == code)
			why = reasons[i].why;
	}
	char where[ENDPOINT_TEXT_SIZE];
	(void)snprintf(text, LISTEN_TEXT_SIZE, "cannot listen on %s (%s): %s",
	               endpoint_print(at, where), listen_transport_names[transport], why);
	return text;
}
