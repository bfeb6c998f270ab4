#include "gate/dns/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "base/clock.h"

enum { LISTENERS_MAX = 64, BACKLOG = 256, SWEEP_MS = 250, PREFIX = 2 };

struct connection {
	uv_tcp_t handle;
	struct tcp_server *server;
	struct tcp_peer peer;
	int64_t active_us;
	unsigned waiting;
	size_t size; /* bytes in `in` */
	bool is_reading, is_consuming, is_closing;
	uint8_t in[PREFIX + TCP_QUERY_SIZE_MAX];
};

struct tcp_server {
	struct tcp_setup setup;
	uv_tcp_t listeners[LISTENERS_MAX];
	uv_timer_t sweep;
	unsigned listener_count;
	unsigned handles; /* open, of the server itself and of connections: the last one frees it */
	uint32_t generation;
	uint32_t connection_count, connections_max;
	struct connection **connections;
	uint8_t room[PREFIX + TCP_ANSWER_SIZE_MAX];
};

static void server_unref(struct tcp_server *s)
{
	if (--s->handles > 0)
		return;
	free(s->connections);
	free(s);
}

static void on_connection_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;
	struct tcp_server *s = c->server;
	free(c);
	server_unref(s);
}

static void connection_close(struct connection *c)
{
	if (c->is_closing)
		return;
	c->is_closing = true;
	struct tcp_server *s = c->server;
	s->connections[c->peer.connection] = NULL;
	s->connection_count--;
	dns_count_by(s->setup.stats, DNS_TCP_CONNECTIONS, -1);
	uv_close((uv_handle_t *)&c->handle, on_connection_closed);
}

/* What the socket did not take at once. */
struct rest {
	uv_write_t request;
	uint8_t bytes[];
};

static void resume(struct connection *c);

static void on_written(uv_write_t *request, int status)
{
	struct connection *c = request->handle->data;
	free(request->data);
	if (status < 0)
		connection_close(c);
	else
		resume(c);
}

static void queue_rest(struct connection *c, const uint8_t *bytes, size_t size)
{
	struct rest *rest = malloc(sizeof(*rest) + size);
	if (!rest) {
		connection_close(c);
		return;
	}
	memcpy(rest->bytes, bytes, size);
	rest->request.data = rest;
	uv_buf_t buffer = uv_buf_init((char *)rest->bytes, (unsigned)size);
	if (uv_write(&rest->request, (uv_stream_t *)&c->handle, &buffer, 1, on_written) < 0) {
		free(rest);
		connection_close(c);
	}
}

/* Sends the answer in the server's room, behind its length. */
static void send_room(struct connection *c, size_t size)
{
	uint8_t *room = c->server->room;
	room[0] = (uint8_t)(size >> 8);
	room[1] = (uint8_t)size;
	uv_buf_t buffer = uv_buf_init((char *)room, (unsigned)(PREFIX + size));
	int sent = uv_try_write((uv_stream_t *)&c->handle, &buffer, 1);
	if (sent == UV_EAGAIN)
		sent = 0;
	if (sent < 0)
		connection_close(c);
	else if ((size_t)sent < PREFIX + size)
		queue_rest(c, room + sent, PREFIX + size - (size_t)sent);
}

static bool may_read(const struct connection *c)
{
	return c->waiting < TCP_WAITING_MAX && c->handle.write_queue_size < TCP_QUEUE_SIZE_MAX;
}

static void answer_one(struct connection *c, struct view query)
{
	struct tcp_server *s = c->server;
	dns_count(s->setup.stats, DNS_QUERIES_TCP);
	c->waiting++; /* an answer may come before the call returns */
	int size = s->setup.query(s->setup.context, &c->peer, query, s->room + PREFIX);
	if (size == TCP_LATER)
		return;
	c->waiting--;
	if (size > 0 && !c->is_closing)
		send_room(c, (size_t)size);
}

/* Answers the whole queries in the buffer, as long as the connection may have more. */
static void consume(struct connection *c)
{
	size_t at = 0;
	if (c->is_consuming)
		return; /* an answer that came at once: the loop below goes on */
	c->is_consuming = true;
	while (!c->is_closing && may_read(c) && c->size - at >= PREFIX) {
		size_t size = (size_t)c->in[at] << 8 | c->in[at + 1];
		if (size == 0 || size > TCP_QUERY_SIZE_MAX) {
			dns_count(c->server->setup.stats, DNS_TCP_MALFORMED);
			connection_close(c);
			return;
		}
		if (c->size - at < PREFIX + size)
			break;
		answer_one(c, view_of(c->in + at + PREFIX, size));
		at += PREFIX + size;
	}
	c->is_consuming = false;
	c->size -= at;
	memmove(c->in, c->in + at, c->size);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct connection *c = handle->data;
	(void)suggested;
	*ret = uv_buf_init((char *)c->in + c->size, (unsigned)(sizeof(c->in) - c->size));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer);

/* Reads on, or stops: what is in the buffer already comes first. */
static void go_on(struct connection *c)
{
	if (c->is_closing)
		return;
	bool reads = may_read(c);
	if (reads == c->is_reading)
		return;
	c->is_reading = reads;
	if (!reads)
		uv_read_stop((uv_stream_t *)&c->handle);
	else if (uv_read_start((uv_stream_t *)&c->handle, on_room, on_read) < 0)
		connection_close(c);
}

/* Something happened: what was held back may go on. */
static void resume(struct connection *c)
{
	c->active_us = clock_monotonic_us();
	consume(c);
	go_on(c);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct connection *c = stream->data;
	(void)buffer;
	if (size < 0) {
		connection_close(c);
		return;
	}
	c->size += (size_t)size;
	resume(c);
}

static uint32_t connections_of(const struct tcp_server *s, const struct address *client)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < s->connections_max; i++)
		count +=
			s->connections[i] && address_equal(&s->connections[i]->peer.client, client);
	return count;
}

static struct address address_of(const struct sockaddr_storage *name)
{
	const void *at = name;
	if (name->ss_family == AF_INET)
		return address_from_bytes(&((const struct sockaddr_in *)at)->sin_addr, 4);
	return address_from_bytes(&((const struct sockaddr_in6 *)at)->sin6_addr, 16);
}

/* Finds a place for the connection; false when a limit forbids it. */
static bool connection_admit(struct tcp_server *s, struct connection *c)
{
	struct sockaddr_storage name = {0};
	int size = sizeof(name);
	if (uv_tcp_getpeername(&c->handle, (struct sockaddr *)&name, &size) < 0)
		return false;
	c->peer.client = address_of(&name);
	if (s->connection_count == s->connections_max ||
	    connections_of(s, &c->peer.client) >= s->setup.options->connections_per_client)
		return false;
	uint32_t i = 0;
	while (s->connections[i])
		i++;
	s->connections[i] = c;
	s->connection_count++;
	c->peer.connection = i;
	c->peer.generation = ++s->generation;
	return true;
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct tcp_server *s = listener->data;
	struct connection *c = status < 0 ? NULL : calloc(1, sizeof(*c));
	if (!c || uv_tcp_init(s->setup.loop, &c->handle) < 0) {
		free(c);
		return;
	}
	s->handles++;
	c->server = s;
	c->handle.data = c;
	c->active_us = clock_monotonic_us();
	if (uv_accept(listener, (uv_stream_t *)&c->handle) < 0 || !connection_admit(s, c)) {
		dns_count(s->setup.stats, DNS_TCP_TURNED_AWAY);
		c->is_closing = true;
		uv_close((uv_handle_t *)&c->handle, on_connection_closed);
		return;
	}
	dns_count(s->setup.stats, DNS_TCP_OPENED);
	dns_count_by(s->setup.stats, DNS_TCP_CONNECTIONS, 1);
	uv_tcp_nodelay(&c->handle, 1);
	go_on(c);
}

/* Silence counts from the last byte in either direction; waiting for our upstream is not silence. */
static void on_sweep(uv_timer_t *timer)
{
	struct tcp_server *s = timer->data;
	int64_t before_us = clock_monotonic_us() - s->setup.options->idle_us;
	for (uint32_t i = 0; s->connection_count > 0 && i < s->connections_max; i++) {
		struct connection *c = s->connections[i];
		if (c && c->waiting == 0 && c->active_us < before_us) {
			dns_count(s->setup.stats, DNS_TCP_IDLE);
			connection_close(c);
		}
	}
}

int tcp_server_new(const struct tcp_setup *setup, struct tcp_server **ret)
{
	struct tcp_server *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->setup = *setup;
	s->connections_max = (uint32_t)setup->options->connections_max;
	s->connections = calloc(s->connections_max, sizeof(struct connection *));
	if (!s->connections) {
		free(s);
		return -ENOMEM;
	}
	uv_timer_init(setup->loop, &s->sweep);
	s->sweep.data = s;
	s->handles = 1;
	uv_timer_start(&s->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	*ret = s;
	return OK;
}

int tcp_server_listen(struct tcp_server *s, int fd)
{
	if (s->listener_count == LISTENERS_MAX)
		return ERR_LIMIT;
	cleanup(fd) int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (own < 0)
		return -errno;
	uv_tcp_t *listener = &s->listeners[s->listener_count];
	int r = uv_tcp_init(s->setup.loop, listener);
	if (r < 0)
		return r;
	s->listener_count++;
	s->handles++;
	listener->data = s;
	r = uv_tcp_open(listener, own);
	if (r < 0)
		return r;
	own = -1;
	return uv_listen((uv_stream_t *)listener, BACKLOG, on_connection);
}

void tcp_server_answer(struct tcp_server *s, uint32_t connection, uint32_t generation,
                       struct view answer)
{
	struct connection *c = connection < s->connections_max ? s->connections[connection] : NULL;
	if (!c || c->peer.generation != generation)
		return;
	c->waiting--;
	if (answer.size) {
		memcpy(s->room + PREFIX, answer.bytes, answer.size);
		send_room(c, answer.size);
	}
	if (!c->is_closing)
		resume(c);
}

static void on_server_closed(uv_handle_t *handle)
{
	server_unref(handle->data);
}

void tcp_server_close(struct tcp_server *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->connections_max; i++) {
		if (s->connections[i])
			connection_close(s->connections[i]);
	}
	for (unsigned i = 0; i < s->listener_count; i++)
		uv_close((uv_handle_t *)&s->listeners[i], on_server_closed);
	uv_close((uv_handle_t *)&s->sweep, on_server_closed);
}
