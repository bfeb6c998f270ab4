#include "net/stream_pool.h"

#include "base/clock.h"
#include "net/stream_internal.h"

enum { LOOKED_AT_MAX = 64 }; /* of those that wait for us, for one that does not */

/* Waiting for our upstream is not the client's silence. */
static struct connection *longest_silent(const struct stream_server *s)
{
	for (unsigned i = 0; i < LOOKED_AT_MAX && s->oldest && s->oldest->waiting; i++)
		connection_touch(s->oldest);
	return s->oldest && !s->oldest->waiting ? s->oldest : NULL;
}

static struct connection *longest_silent_of_all(const struct stream_pool *pool)
{
	struct connection *found = NULL;
	for (unsigned i = 0; i < pool->server_count; i++) {
		struct connection *c = longest_silent(pool->servers[i]);
		if (c && (!found || c->active_us < found->active_us))
			found = c;
	}
	return found;
}

bool stream_pool_make_room(struct stream_server *s)
{
	const struct stream_pool *pool = s->setup.pool;
	struct connection *c;
	if (s->connection_count == s->setup.connections_max)
		c = longest_silent(s);
	else if (pool->connections >= pool->connections_max)
		c = longest_silent_of_all(pool);
	else
		return true;
	if (!c || clock_monotonic_us() - c->active_us < STREAM_SILENT_MIN_US)
		return false;
	stream_count(c->server, STREAM_DISPLACED);
	connection_drop(c);
	return true;
}

static size_t bytes_of(const struct connection *c)
{
	size_t bytes = c->held.size + c->handle.write_queue_size + c->session.kept;
	return c->is_closing || bytes < STREAM_BYTES_MIN ? 0 : bytes;
}

static void link_last(struct stream_pool *pool, struct connection *c)
{
	c->longer = pool->latest;
	*(pool->latest ? &pool->latest->later : &pool->longest) = c;
	pool->latest = c;
}

static void unlink_from(struct stream_pool *pool, struct connection *c)
{
	*(c->longer ? &c->longer->later : &pool->longest) = c->later;
	*(c->later ? &c->later->longer : &pool->latest) = c->longer;
	c->longer = c->later = NULL;
}

void stream_pool_weigh(struct connection *c)
{
	struct stream_pool *pool = c->server->setup.pool;
	size_t bytes = bytes_of(c);
	if (bytes && !c->bytes)
		link_last(pool, c);
	else if (!bytes && c->bytes)
		unlink_from(pool, c);
	pool->bytes += bytes - c->bytes;
	c->bytes = bytes;
}

void stream_pool_relieve(struct stream_pool *pool)
{
	while (pool->bytes > STREAM_BYTES_MAX && pool->longest) {
		struct connection *c = pool->longest;
		stream_count(c->server, STREAM_SLOW);
		connection_drop(c); /* which takes it out of the list */
	}
}
