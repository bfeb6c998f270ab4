#include "net/frame_stream.h"

#include <errno.h>
#include <fstrm.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "net/connect.h"

#define HANDSHAKE_US (5 * SECOND_US)
#define FAREWELL_US  (SECOND_US / 4)

enum { VECTORS_MAX = 512 };

struct frame_stream {
	struct frame_stream_target to;
	struct fstrm_writer *writer;
	int fd;
	struct wait_limit limit;
	int error; /* the first; nothing is tried after it */
};

static fstrm_res fail(struct frame_stream *s, int error)
{
	if (s->error == OK)
		s->error = error;
	return fstrm_res_failure;
}

static fstrm_res on_open(void *object)
{
	struct frame_stream *s = object;
	int r = s->to.path ? connect_path(s->to.path, SOCK_STREAM, &s->fd)
	                   : connect_tcp(&s->to.tcp, &s->limit, &s->fd);
	return r < 0 ? fail(s, r) : fstrm_res_success;
}

static fstrm_res on_close(void *object)
{
	struct frame_stream *s = object;
	cleanup_fd(&s->fd);
	s->fd = -1;
	return fstrm_res_success;
}

static fstrm_res on_read(void *object, void *data, size_t size)
{
	struct frame_stream *s = object;
	uint8_t *at = data;
	while (size && s->error == OK) {
		ssize_t got = recv(s->fd, at, size, 0);
		if (got == 0)
			return fail(s, -ECONNRESET);
		int r = got > 0           ? OK
		        : errno == EAGAIN ? wait_for(s->fd, POLLIN, &s->limit)
		                          : -errno;
		if (r < 0)
			return fail(s, r);
		at += got > 0 ? got : 0;
		size -= got > 0 ? (size_t)got : 0;
	}
	return s->error == OK ? fstrm_res_success : fstrm_res_failure;
}

/* Moves past what was sent; returns how many vectors are left. */
static size_t advance(struct iovec **at, size_t count, size_t sent)
{
	while (count && sent >= (*at)->iov_len) {
		sent -= (*at)->iov_len;
		(*at)++;
		count--;
	}
	if (count) {
		(*at)->iov_base = (uint8_t *)(*at)->iov_base + sent;
		(*at)->iov_len -= sent;
	}
	return count;
}

static fstrm_res on_write(void *object, const struct iovec *vectors, int count)
{
	struct frame_stream *s = object;
	struct iovec copy[VECTORS_MAX], *at = copy;
	if (count < 0 || count > VECTORS_MAX)
		return fail(s, ERR_LIMIT);
	size_t left = (size_t)count;
	memcpy(copy, vectors, left * sizeof(*copy));
	while (left && s->error == OK) {
		struct msghdr m = {.msg_iov = at, .msg_iovlen = left};
		ssize_t sent = sendmsg(s->fd, &m, MSG_NOSIGNAL);
		int r = sent >= 0         ? OK
		        : errno == EAGAIN ? wait_for(s->fd, POLLOUT, &s->limit)
		                          : -errno;
		if (r < 0)
			return fail(s, r);
		if (sent >= 0)
			left = advance(&at, left, (size_t)sent);
	}
	return s->error == OK ? fstrm_res_success : fstrm_res_failure;
}

static struct fstrm_rdwr *make_transport(struct frame_stream *s)
{
	struct fstrm_rdwr *rdwr = fstrm_rdwr_init(s);
	if (!rdwr)
		return NULL;
	fstrm_rdwr_set_open(rdwr, on_open);
	fstrm_rdwr_set_close(rdwr, on_close);
	fstrm_rdwr_set_read(rdwr, on_read);
	fstrm_rdwr_set_write(rdwr, on_write);
	return rdwr;
}

static int make_writer(struct frame_stream *s)
{
	struct fstrm_rdwr *rdwr = make_transport(s);
	struct fstrm_writer_options *options = fstrm_writer_options_init();
	if (rdwr && options &&
	    fstrm_writer_options_add_content_type(options, s->to.content, strlen(s->to.content)) ==
	            fstrm_res_success)
		s->writer = fstrm_writer_init(options, &rdwr);
	fstrm_writer_options_destroy(&options);
	if (rdwr)
		fstrm_rdwr_destroy(&rdwr);
	return s->writer ? OK : -ENOMEM;
}

int frame_stream_open(const struct frame_stream_target *to, struct frame_stream **ret)
{
	cleanup(frame_stream) struct frame_stream *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->to = *to;
	s->fd = -1;
	s->limit = (struct wait_limit){to->stop_fd, clock_monotonic_us() + HANDSHAKE_US};
	int r = make_writer(s);
	if (r < 0)
		return r;
	if (fstrm_writer_open(s->writer) != fstrm_res_success)
		return fail(s, ERR_MALFORMED), s->error;
	s->limit.until_us = 0;
	*ret = take_ptr(s);
	return OK;
}

int frame_stream_write(struct frame_stream *s, const struct iovec *frames, size_t count)
{
	if (fstrm_writer_writev(s->writer, frames, (int)count) != fstrm_res_success)
		(void)fail(s, ERR_LIMIT);
	return s->error;
}

int frame_stream_fd(const struct frame_stream *s)
{
	return s->fd;
}

void frame_stream_hurry(struct frame_stream *s, int64_t within_us)
{
	s->limit = (struct wait_limit){-1, clock_monotonic_us() + within_us};
}

void frame_stream_close(struct frame_stream *s)
{
	if (!s)
		return;
	frame_stream_hurry(s, FAREWELL_US);
	if (s->writer)
		(void)fstrm_writer_destroy(&s->writer);
	cleanup_fd(&s->fd);
	free(s);
}
