#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "net/stream_internal.h"

enum { DISCARDED_MAX = 64 * 1024 };

static struct connection *connection_of(struct session *s)
{
	return (struct connection *)s;
}

void connection_unlink(struct connection *c)
{
	struct stream_server *s = c->server;
	*(c->older ? &c->older->newer : &s->oldest) = c->newer;
	*(c->newer ? &c->newer->older : &s->newest) = c->older;
	c->older = c->newer = NULL;
}

void connection_touch(struct connection *c)
{
	struct stream_server *s = c->server;
	c->active_us = clock_monotonic_us();
	if (s->newest == c)
		return;
	if (c->newer || c->older || s->oldest == c)
		connection_unlink(c);
	c->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = c;
	s->newest = c;
}

static void on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;
	struct stream_server *s = c->server;
	if (c->is_speaking && c->session.kind->close)
		c->session.kind->close(&c->session);
	tls_session_done(&c->tls);
	buffer_done(&c->held);
	free(c);
	stream_server_unref(s);
}

void connection_close(struct connection *c)
{
	if (c->is_closing)
		return;
	c->is_closing = true;
	stream_server_forget(c->server, c);
	uv_close((uv_handle_t *)&c->handle, on_closed);
}

/* Whether the client has not taken all that it was sent. */
static bool has_unread(const struct connection *c)
{
	uv_os_fd_t fd;
	int size = 0;
	if (c->handle.write_queue_size > 0)
		return true;
	return uv_fileno((const uv_handle_t *)&c->handle, &fd) == 0 &&
	       ioctl(fd, SIOCOUTQ, &size) == 0 && size > 0;
}

void connection_drop(struct connection *c)
{
	if (c->is_closing)
		return;
	if (!has_unread(c)) {
		connection_end(c);
		return;
	}
	c->is_closing = true;
	stream_server_forget(c->server, c);
	if (uv_tcp_close_reset(&c->handle, on_closed) < 0)
		uv_close((uv_handle_t *)&c->handle, on_closed);
}

/* What the socket did not take at once. */
struct rest {
	uv_write_t request;
	uint8_t bytes[];
};

static void on_written(uv_write_t *request, int status)
{
	struct connection *c = request->handle->data;
	free(request->data);
	if (c->is_closing)
		return;
	if (status < 0) {
		connection_close(c);
		return;
	}
	connection_touch(c);
	connection_resume(c);
}

static void queue_rest(struct connection *c, struct view bytes)
{
	struct rest *rest = malloc(sizeof(*rest) + bytes.size);
	if (!rest) {
		connection_close(c);
		return;
	}
	memcpy(rest->bytes, bytes.bytes, bytes.size);
	rest->request.data = rest;
	uv_buf_t buffer = uv_buf_init((char *)rest->bytes, (unsigned)bytes.size);
	if (uv_write(&rest->request, (uv_stream_t *)&c->handle, &buffer, 1, on_written) < 0) {
		free(rest);
		connection_close(c);
	}
}

static void write_bytes_out(struct connection *c, const uint8_t *bytes, size_t size)
{
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)size);
	int sent = uv_try_write((uv_stream_t *)&c->handle, &buffer, 1);
	if (sent == UV_EAGAIN)
		sent = 0;
	if (sent < 0)
		connection_close(c);
	else if ((size_t)sent < size)
		queue_rest(c, view_of(bytes + sent, size - (size_t)sent));
}

void stream_flush(struct stream_server *s)
{
	struct connection *c = s->out_owner;
	struct view bytes = view_of(s->out, s->out_size);
	s->out_owner = NULL;
	s->out_size = 0;
	if (c && c->tls.ssl) {
		if (bytes.size && tls_session_write(&c->tls, bytes) < 0)
			connection_close(c);
		bytes = buffer_view(&s->sealed);
		s->sealed.size = 0;
	}
	if (c && bytes.size && !c->is_closing)
		write_bytes_out(c, bytes.bytes, bytes.size);
}

void connection_own_out(struct connection *c)
{
	if (c->server->out_owner == c)
		return;
	stream_flush(c->server);
	if (!c->is_closing)
		c->server->out_owner = c;
}

static void host_send(struct session *session, struct view bytes)
{
	struct connection *c = connection_of(session);
	struct stream_server *s = c->server;
	connection_own_out(c);
	if (s->out_size + bytes.size > sizeof(s->out)) {
		stream_flush(s);
		connection_own_out(c);
	}
	if (s->out_owner != c)
		return; /* it broke off meanwhile */
	memcpy(s->out + s->out_size, bytes.bytes, bytes.size);
	s->out_size += bytes.size;
}

static bool has_room(const struct connection *c)
{
	return c->waiting < STREAM_WAITING_MAX &&
	       c->handle.write_queue_size < STREAM_QUEUE_SIZE_MAX;
}

/* What is held comes before more is read. */
static bool may_read(const struct connection *c)
{
	if (!c->is_speaking || c->session.is_over)
		return true;
	return c->session.kind->reads_always ? c->handle.write_queue_size < STREAM_QUEUE_SIZE_MAX
	                                     : has_room(c);
}

static bool host_may_ask(const struct session *session)
{
	const struct connection *c = (const struct connection *)session;
	return !c->is_closing && has_room(c);
}

static int host_query(struct session *session, uint32_t stream, struct view query)
{
	struct connection *c = connection_of(session);
	struct stream_server *s = c->server;
	stream_count(s, STREAM_QUERY);
	connection_touch(c);
	c->waiting++; /* an answer may come before the call returns */
	int size = s->setup.query(s->setup.context, &c->peer, stream, query, s->room);
	if (size != SESSION_LATER)
		c->waiting--;
	return size;
}

const struct session_host connection_host = {host_query, host_send, host_may_ask};

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	const struct connection *c = handle->data;
	(void)suggested;
	*ret = uv_buf_init((char *)c->server->in, sizeof(c->server->in));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct connection *c = stream->data;
	if (size == UV_EOF) {
		c->has_ended = true;
	} else if (size < 0) {
		connection_close(c);
		return;
	} else if (c->session.is_over) {
		c->discarded += (uint32_t)size;
		if (c->discarded > DISCARDED_MAX)
			connection_close(c);
	} else {
		connection_receive(c, view_of(buffer->base, (size_t)size));
	}
	connection_resume(c);
}

/* After what was sent before. */
static void end_tls(struct connection *c)
{
	if (!c->tls.ssl || c->is_closing)
		return;
	connection_own_out(c);
	tls_session_end(&c->tls);
	stream_flush(c->server);
}

void connection_end(struct connection *c)
{
	if (c->is_closing)
		return;
	if (c->is_speaking && c->session.kind->say_goodbye && !c->session.is_over)
		c->session.kind->say_goodbye(&c->session);
	stream_flush(c->server);
	end_tls(c);
	connection_close(c);
}

/* All is said. A client that still sends would lose what it was told if the socket closed over that: so
 * only our side is shut down, and the rest is thrown away, for a while. */
static void leave(struct connection *c)
{
	uv_os_fd_t fd;
	c->is_leaving = true;
	if (c->session.is_malformed)
		stream_count(c->server, STREAM_MALFORMED);
	end_tls(c);
	if (c->is_closing)
		return;
	if (uv_fileno((uv_handle_t *)&c->handle, &fd) < 0 || shutdown(fd, SHUT_WR) < 0)
		connection_close(c);
}

static void read_on(struct connection *c, bool reads)
{
	if (c->is_closing || reads == c->is_reading)
		return;
	c->is_reading = reads;
	if (!reads)
		uv_read_stop((uv_stream_t *)&c->handle);
	else if (uv_read_start((uv_stream_t *)&c->handle, on_room, on_read) < 0)
		connection_close(c);
}

/* Ends what is over. After the client's last byte: answers, then the end. */
static void finish(struct connection *c)
{
	bool is_sent = c->handle.write_queue_size == 0;
	if (c->has_ended && is_sent && (c->waiting == 0 || c->session.is_over))
		connection_end(c);
	else if (c->session.is_over && is_sent && !c->is_leaving)
		leave(c);
}

void connection_resume(struct connection *c)
{
	if (c->is_closing || c->is_consuming)
		return; /* an answer that came at once: who asked goes on */
	if (c->held.size && c->is_speaking && !c->session.is_over && has_room(c))
		connection_take(c, view_of(NULL, 0));
	if (c->server->out_owner == c)
		stream_flush(c->server);
	if (!c->is_closing)
		finish(c);
	read_on(c, !c->has_ended && may_read(c));
	stream_pool_weigh(c);
	stream_pool_relieve(c->server->setup.pool);
}
