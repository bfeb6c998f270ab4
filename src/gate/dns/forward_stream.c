#include "gate/dns/forward_stream.h"

#include <errno.h>

#include "net/socket_address.h"
#include "wire/dns.h"

enum { PREFIX = 2, READ_SIZE = 65536 };

struct connection {
	uv_tcp_t handle;
	struct forward_stream *of; /* NULL when it is given up and only closing */
	uint32_t channel;
	bool is_open; /* connected, and with TLS established */
	unsigned answers;
	struct forward_tls_session *tls;
	struct buffer out;   /* questions that are not sent yet */
	struct buffer plain; /* what has come and is no whole answer yet */
	uv_connect_t connect;
	uint8_t room[READ_SIZE];
};

struct forward_stream {
	struct forward_stream_setup setup;
	struct connection *connection;
	uv_timer_t *timer; /* frees itself with the loop */
	unsigned live;     /* questions on the connection */
	struct forward_ticket *ticket;
};

static void on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;
	forward_tls_close(c->tls);
	buffer_done(&c->out);
	buffer_done(&c->plain);
	free(c);
}

static void drop(struct forward_stream *s)
{
	struct connection *c = s->connection;
	if (!c)
		return;
	s->connection = NULL;
	s->live = 0;
	c->of = NULL;
	uv_timer_stop(s->timer);
	uv_close((uv_handle_t *)&c->handle, on_closed);
}

static void fail(struct forward_stream *s, int code)
{
	uint32_t channel = s->connection->channel;
	if (code == UV_EOF)
		code = s->connection->answers ? ERR_MISSING : -ECONNRESET;
	drop(s);
	s->setup.broken(s->setup.context, s, channel, code);
}

static void on_timer(uv_timer_t *timer)
{
	struct forward_stream *s = timer->data;
	if (s->live == 0)
		drop(s);
	else
		fail(s, -ETIMEDOUT);
}

/* From now on so long until something must have happened. */
static void watch(struct forward_stream *s)
{
	uint64_t ms = !s->connection->is_open ? FORWARD_CONNECT_MS
	              : s->live               ? FORWARD_SILENCE_MS
	                                      : FORWARD_IDLE_MS;
	uv_timer_start(s->timer, on_timer, ms, 0);
}

struct sending {
	uv_write_t request;
	struct buffer bytes;
};

static void on_sent(uv_write_t *request, int status)
{
	struct sending *sending = request->data;
	struct connection *c = request->handle->data;
	buffer_done(&sending->bytes);
	free(sending);
	if (status < 0 && c->of)
		fail(c->of, status);
}

/* Takes the bytes over. */
static int send_bytes(struct connection *c, struct buffer *bytes)
{
	if (bytes->size == 0)
		return OK;
	struct sending *sending = malloc(sizeof(*sending));
	if (!sending)
		return -ENOMEM;
	sending->bytes = *bytes;
	sending->request.data = sending;
	*bytes = (struct buffer){0};
	uv_buf_t buffer = uv_buf_init((char *)sending->bytes.bytes, (unsigned)sending->bytes.size);
	int r = uv_write(&sending->request, (uv_stream_t *)&c->handle, &buffer, 1, on_sent);
	if (r < 0) {
		buffer_done(&sending->bytes);
		free(sending);
	}
	return r;
}

/* Sends what has gathered, if it can be sent already. */
static int send_questions(struct connection *c)
{
	if (!c->is_open || c->out.size == 0)
		return OK;
	if (!c->tls)
		return send_bytes(c, &c->out);
	struct buffer wire = {0};
	int r = forward_tls_say(c->tls, buffer_view(&c->out), &wire);
	c->out.size = 0;
	if (r == OK)
		r = send_bytes(c, &wire);
	buffer_done(&wire);
	return r;
}

/* Hands out the whole answers in `plain`. Whoever takes one may give up the connection. */
static int deliver(struct connection *c)
{
	size_t at = 0;
	while (c->of && c->plain.size - at >= PREFIX) {
		struct forward_stream *s = c->of;
		size_t size = (size_t)c->plain.bytes[at] << 8 | c->plain.bytes[at + 1];
		if (size < DNS_HEADER_SIZE)
			return ERR_MALFORMED;
		if (c->plain.size - at < PREFIX + size)
			break;
		c->answers++;
		s->setup.packet(s->setup.context, s, view_of(c->plain.bytes + at + PREFIX, size));
		at += PREFIX + size;
	}
	c->plain.size -= at;
	if (c->plain.size && at)
		memmove(c->plain.bytes, c->plain.bytes + at, c->plain.size);
	return OK;
}

static int take(struct connection *c, struct view bytes)
{
	struct buffer wire = {0};
	if (!c->tls) {
		buffer_add_view(&c->plain, bytes);
		return c->plain.failed ? ERR_LIMIT : deliver(c);
	}
	int r = forward_tls_take(c->tls, bytes, &c->plain, &wire);
	int sent = send_bytes(c, &wire);
	buffer_done(&wire);
	int delivered = deliver(c); /* also what came before it ended */
	if (r == OK && c->of && !c->is_open && forward_tls_is_established(c->tls)) {
		c->is_open = true;
		r = send_questions(c);
	}
	return r < 0 ? r : sent < 0 ? sent : delivered;
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct connection *c = handle->data;
	(void)suggested;
	*ret = uv_buf_init((char *)c->room, sizeof(c->room));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct connection *c = stream->data;
	(void)buffer;
	if (size == 0 || !c->of)
		return;
	int r = size < 0 ? (int)size : take(c, view_of(c->room, (size_t)size));
	if (!c->of)
		return;
	if (r < 0)
		fail(c->of, r == ERR_MISSING ? UV_EOF : r);
	else
		watch(c->of);
}

static void on_connected(uv_connect_t *request, int status)
{
	struct connection *c = request->data;
	if (!c->of)
		return;
	int r = status;
	if (r >= 0)
		r = uv_read_start((uv_stream_t *)&c->handle, on_room, on_read);
	if (r >= 0 && c->tls) {
		r = take(c, view_of(NULL, 0));
	} else if (r >= 0) {
		c->is_open = true;
		r = send_questions(c);
		watch(c->of);
	}
	if (r < 0 && c->of)
		fail(c->of, r);
}

static int start(struct forward_stream *s, struct connection *c)
{
	union socket_address name;
	(void)socket_address_of(&s->setup.to->at, &name);
	c->connect.data = c;
	if (s->setup.to->transport == UPSTREAM_TLS) {
		int r = forward_tls_open(s->setup.tls, s->setup.to->name, &s->ticket, &c->tls);
		if (r < 0)
			return r;
	}
	(void)uv_tcp_nodelay(&c->handle, 1);
	return uv_tcp_connect(&c->connect, &c->handle, &name.base, on_connected);
}

static int open_connection(struct forward_stream *s)
{
	struct connection *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	int r = uv_tcp_init(s->setup.loop, &c->handle);
	if (r < 0) {
		free(c);
		return r;
	}
	c->handle.data = c;
	c->of = s;
	c->out.size_max = FORWARD_QUEUE_MAX;
	c->plain.size_max = 4 * READ_SIZE;
	c->channel = (*s->setup.next_channel)++;
	s->connection = c;
	s->live = 0;
	r = start(s, c);
	if (r < 0)
		drop(s);
	else
		watch(s);
	return r;
}

int forward_stream_new(const struct forward_stream_setup *setup, struct forward_stream **ret)
{
	cleanup(forward_stream) struct forward_stream *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->setup = *setup;
	s->timer = calloc(1, sizeof(*s->timer));
	if (!s->timer)
		return -ENOMEM;
	uv_timer_init(setup->loop, s->timer);
	s->timer->data = s;
	*ret = take_ptr(s);
	return OK;
}

static void on_timer_closed(uv_handle_t *timer)
{
	free(timer);
}

void forward_stream_free(struct forward_stream *s)
{
	if (!s)
		return;
	if (s->timer) {
		drop(s);
		uv_close((uv_handle_t *)s->timer, on_timer_closed);
	}
	/* the session of a connection that is closing refers to the ticket no more: see drop() */
	forward_ticket_free(s->ticket);
	free(s);
}

int forward_stream_channel(struct forward_stream *s, uint32_t *ret_channel)
{
	int r = s->connection ? OK : open_connection(s);
	if (r >= 0)
		*ret_channel = s->connection->channel;
	return r < 0 ? r : OK;
}

int forward_stream_add(struct forward_stream *s, struct view query)
{
	struct connection *c = s->connection;
	uint8_t prefix[PREFIX] = {(uint8_t)(query.size >> 8), (uint8_t)query.size};
	if (c->out.size + PREFIX + query.size > FORWARD_QUEUE_MAX)
		return ERR_LIMIT;
	buffer_add(&c->out, prefix, sizeof(prefix));
	buffer_add_view(&c->out, query);
	if (c->out.failed)
		return -ENOMEM;
	if (s->live++ == 0)
		watch(s);
	return OK;
}

void forward_stream_flush(struct forward_stream *s)
{
	int r = s->connection ? send_questions(s->connection) : OK;
	if (r < 0)
		fail(s, r);
}

void forward_stream_release(struct forward_stream *s, uint32_t channel)
{
	if (s->connection && s->connection->channel == channel && --s->live == 0)
		watch(s);
}
