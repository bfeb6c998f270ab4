#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "daemon/control.h"

int control_address(const char *run_directory, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	int size = snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/control", run_directory);
	return size < 0 || (size_t)size >= sizeof(ret->sun_path) ? -ENAMETOOLONG : OK;
}

static int read_line(int fd, struct buffer *ret)
{
	for (;;) {
		uint8_t *at = buffer_space(ret, 4096);
		if (!at)
			return ERR_LIMIT;
		ssize_t got = recv(fd, at, 4096, 0);
		ret->size -= 4096 - (got > 0 ? (size_t)got : 0);
		if (got < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (got == 0)
			return ret->size && ret->bytes[ret->size - 1] == '\n' ? OK : ERR_TRUNCATED;
	}
}

static int send_request(int fd, const struct control_request *request)
{
	struct buffer line = {0};
	control_request_write(request, &line);
	buffer_add_text(&line, "\n");
	int code = line.failed ? -ENOMEM : OK;
	if (code == OK && send(fd, line.bytes, line.size, MSG_NOSIGNAL) != (ssize_t)line.size)
		code = -errno;
	buffer_done(&line);
	return code;
}

int control_ask(const char *run_directory, const struct control_request *request, int timeout_ms,
                struct buffer *ret)
{
	struct sockaddr_un to;
	int code = control_address(run_directory, &to);
	if (code < 0)
		return code;
	cleanup(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = {.tv_sec = timeout_ms / 1000,
	                           .tv_usec = timeout_ms % 1000 * 1000};
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return errno == ENOENT || errno == ECONNREFUSED ? ERR_MISSING : -errno;
	code = send_request(fd, request);
	return code < 0 ? code : read_line(fd, ret);
}
