#include "net/connect.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "net/socket_address.h"

int connect_path(const char *path, int type, int *ret_fd)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	memcpy(to.sun_path, path, strlen(path));
	cleanup(fd) int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return OK;
}

static int connect_result(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -errno;
	return -error;
}

int connect_tcp(const struct endpoint *to, const struct wait_limit *limit, int *ret_fd)
{
	union socket_address address;
	socklen_t size = socket_address_of(to, &address);
	cleanup(fd) int fd =
		socket(address.base.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &address.base, size) < 0) {
		int r = errno == EINPROGRESS ? wait_for(fd, POLLOUT, limit) : -errno;
		if (r == OK)
			r = connect_result(fd);
		if (r < 0)
			return r;
	}
	*ret_fd = fd;
	fd = -1;
	return OK;
}
