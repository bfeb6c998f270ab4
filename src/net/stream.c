#include "net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "net/socket_address.h"
#include "net/stream_internal.h"

enum { BACKLOG = 4096, SWEEP_MS = 250 };

void stream_server_unref(struct stream_server *s)
{
	if (--s->handles > 0)
		return;
	client_counts_free(s->clients);
	tls_context_free(s->setup.tls);
	buffer_done(&s->sealed);
	free(s->free_numbers);
	free(s->connections);
	free(s);
}

void stream_count(struct stream_server *s, enum stream_event event)
{
	s->setup.count(s->setup.context, event);
}

void stream_server_forget(struct stream_server *s, struct connection *c)
{
	if (s->out_owner == c) {
		s->out_owner = NULL;
		s->out_size = s->sealed.size = 0;
	}
	connection_unlink(c);
	stream_pool_weigh(c);
	s->setup.pool->connections--;
	if (c->is_counted)
		client_counts_remove(s->clients, &c->peer.client);
	s->connections[c->peer.connection] = NULL;
	s->free_numbers[--s->connection_count] = c->peer.connection;
	stream_count(s, STREAM_CLOSED);
}

static bool client_may_have_more(const struct stream_server *s, const struct connection *c)
{
	return client_counts_of(s->clients, &c->peer.client) < s->setup.connections_per_client;
}

static void count_client(struct stream_server *s, struct connection *c)
{
	client_counts_add(s->clients, &c->peer.client);
	c->is_counted = true;
}

bool stream_server_admit_client(struct stream_server *s, struct connection *c)
{
	if (!client_may_have_more(s, c))
		return false;
	count_client(s, c);
	return true;
}

/* Finds a place for the connection; false when a limit forbids it. */
static bool admit(struct stream_server *s, struct connection *c)
{
	struct sockaddr_storage name = {0};
	int size = sizeof(name);
	if (uv_tcp_getpeername(&c->handle, (struct sockaddr *)&name, &size) < 0)
		return false;
	struct endpoint from = socket_endpoint(&name);
	c->peer.client = address_from_bytes(from.bytes, from.family == ADDRESS_V6 ? 16 : 4);
	if (s->setup.admits && !s->setup.admits(s->setup.context, &from))
		return false;
	c->awaits_proxy = proxies_have(&s->setup.proxies, &c->peer.client);
	if ((!c->awaits_proxy && !client_may_have_more(s, c)) || !stream_pool_make_room(s))
		return false;
	if (!c->awaits_proxy)
		count_client(s, c);
	s->setup.pool->connections++;
	c->peer.connection = s->free_numbers[s->connection_count++];
	c->peer.generation = ++s->generation;
	s->connections[c->peer.connection] = c;
	return true;
}

static void on_refused_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;
	stream_server_unref(c->server);
	free(c);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct stream_server *s = listener->data;
	struct connection *c = status < 0 ? NULL : calloc(1, sizeof(*c));
	if (!c || uv_tcp_init(s->setup.loop, &c->handle) < 0) {
		free(c);
		return;
	}
	s->handles++;
	c->server = s;
	c->session =
		(struct session){.host = &connection_host, .room = s->room, .path = s->setup.path};
	c->handle.data = c;
	if (uv_accept(listener, (uv_stream_t *)&c->handle) < 0 || !admit(s, c)) {
		stream_count(s, STREAM_TURNED_AWAY);
		uv_close((uv_handle_t *)&c->handle, on_refused_closed);
		return;
	}
	stream_count(s, STREAM_OPENED);
	connection_open(c);
}

void stream_server_set_tls(struct stream_server *s, struct ssl_ctx_st *tls)
{
	tls_context_free(s->setup.tls);
	s->setup.tls = tls;
}

static unsigned percent_taken(uint64_t count, uint64_t max)
{
	return max ? (unsigned)(count * 100 / max) : 100;
}

int64_t stream_server_idle_us(const struct stream_server *s)
{
	/* from three quarters on of its own places, or of those of all, the silent have to leave earlier */
	enum { BUSY_PERCENT = 75, FULL_PERCENT = 90, BUSY_DIVISOR = 4, FULL_DIVISOR = 10 };
	const struct stream_pool *pool = s->setup.pool;
	unsigned own = percent_taken(s->connection_count, s->setup.connections_max);
	unsigned all = percent_taken(pool->connections, pool->connections_max);
	unsigned taken = own > all ? own : all;
	if (taken >= FULL_PERCENT)
		return s->setup.idle_us / FULL_DIVISOR;
	if (taken >= BUSY_PERCENT)
		return s->setup.idle_us / BUSY_DIVISOR;
	return s->setup.idle_us;
}

/* Waiting for our upstream is not the client's silence. */
static void on_sweep(uv_timer_t *timer)
{
	struct stream_server *s = timer->data;
	int64_t before_us = clock_monotonic_us() - stream_server_idle_us(s);
	while (s->oldest && s->oldest->active_us < before_us) {
		struct connection *c = s->oldest;
		if (c->waiting) {
			connection_touch(c);
			continue;
		}
		stream_count(s, STREAM_IDLE);
		connection_drop(c);
	}
}

static void free_unused(struct stream_server *s)
{
	if (!s)
		return;
	s->handles = 1;
	stream_server_unref(s);
}
DEFINE_CLEANUP(unused, struct stream_server *, free_unused);

int stream_server_new(const struct stream_setup *setup, struct stream_server **ret)
{
	cleanup(unused) struct stream_server *s = calloc(1, sizeof(*s));
	if (!s) {
		tls_context_free(setup->tls);
		return -ENOMEM;
	}
	s->setup = *setup;
	s->connections = calloc(setup->connections_max, sizeof(struct connection *));
	s->free_numbers = calloc(setup->connections_max, sizeof(uint32_t));
	if (!s->connections || !s->free_numbers)
		return -ENOMEM;
	for (uint32_t i = 0; i < setup->connections_max; i++)
		s->free_numbers[i] = i;
	int r = client_counts_new(setup->connections_max, setup->seed, &s->clients);
	if (r < 0)
		return r;
	struct stream_pool *pool = setup->pool ? setup->pool : &s->own_pool;
	s->own_pool.connections_max = setup->connections_max;
	s->setup.pool = pool;
	if (pool->server_count == STREAM_POOL_SERVERS_MAX)
		return ERR_LIMIT;
	pool->servers[pool->server_count++] = s;
	uv_timer_init(setup->loop, &s->sweep);
	s->sweep.data = s;
	s->handles = 1;
	uv_timer_start(&s->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	*ret = take_ptr(s);
	return OK;
}

int stream_server_listen(struct stream_server *s, int fd)
{
	if (s->listener_count == STREAM_LISTENERS_MAX)
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

void stream_server_answer(struct stream_server *s, uint32_t connection, uint32_t generation,
                          uint32_t stream, struct view answer)
{
	struct connection *c =
		connection < s->setup.connections_max ? s->connections[connection] : NULL;
	if (!c || c->peer.generation != generation)
		return;
	c->waiting--;
	connection_touch(c);
	if (!c->session.is_over)
		c->session.kind->answer(&c->session, stream, answer);
	connection_resume(c);
}

static void on_server_closed(uv_handle_t *handle)
{
	stream_server_unref(handle->data);
}

void stream_server_close(struct stream_server *s)
{
	if (!s)
		return;
	while (s->oldest)
		connection_close(s->oldest);
	for (unsigned i = 0; i < s->listener_count; i++)
		uv_close((uv_handle_t *)&s->listeners[i], on_server_closed);
	uv_close((uv_handle_t *)&s->sweep, on_server_closed);
}
