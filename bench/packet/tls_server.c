#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tlsload.h"

enum { EVENTS = 256, DESCRIPTORS = 65536, RECORD_HEADER = 5, BACKLOG = 8192 };

/* By descriptor. */
static struct {
	uint16_t got;
	bool has_answered;
} states[DESCRIPTORS];

static uint8_t buffers[RECORDING_SIZE_MAX];

static int listen_on(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, BACKLOG) < 0) {
		int r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

static void take_all(int loop, int listener)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
		if (fd >= DESCRIPTORS || epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e) < 0) {
			close(fd);
			continue;
		}
		states[fd].got = 0;
		states[fd].has_answered = false;
	}
}

/* A hello in several packets is waited for; only its first bytes are looked at. */
static void serve(int fd, struct recording *rec)
{
	ssize_t n = recv(fd, buffers, sizeof(buffers), 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || states[fd].has_answered) {
		if (n > 0)
			(void)!send(fd, rec->answer.bytes, rec->answer.size, MSG_NOSIGNAL);
		close(fd);
		return;
	}
	static uint16_t wanted[DESCRIPTORS];
	if (states[fd].got == 0) {
		wanted[fd] = n > 4 ? (uint16_t)(RECORD_HEADER + (buffers[3] << 8 | buffers[4]))
		                   : RECORD_HEADER;
		recording_echo(&rec->flight, buffers, (size_t)n);
	}
	states[fd].got = (uint16_t)(states[fd].got + n);
	if (states[fd].got < wanted[fd])
		return;
	states[fd].has_answered = true;
	(void)!send(fd, rec->flight.bytes, rec->flight.size, MSG_NOSIGNAL);
}

int tls_server_run(uint16_t port, struct recording *rec)
{
	int listener = listen_on(port), loop = epoll_create1(EPOLL_CLOEXEC);
	if (listener < 0 || loop < 0)
		return listener < 0 ? listener : -errno;
	struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
	if (epoll_ctl(loop, EPOLL_CTL_ADD, listener, &e) < 0)
		return -errno;
	for (;;) {
		int count = epoll_wait(loop, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == listener)
				take_all(loop, listener);
			else
				serve(events[i].data.fd, rec);
		}
	}
}
