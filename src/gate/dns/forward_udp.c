#include "gate/dns/forward_udp.h"

#include <errno.h>
#include <unistd.h>

enum { BATCHES_A_TURN = 8 };

struct forward_udp {
	struct forward_udp_setup setup;
	struct forward_port *ports[FORWARD_PORTS];
	struct forward_port *port; /* of the batch */
	unsigned count;            /* in the batch */
	struct view batch[UDP_CLIENT_BATCH];
	uint8_t rooms[UDP_CLIENT_BATCH][UPSTREAM_QUERY_SIZE_MAX];
};

int forward_udp_new(const struct forward_udp_setup *setup, struct forward_udp **ret)
{
	struct forward_udp *u = calloc(1, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->setup = *setup;
	*ret = u;
	return OK;
}

static void on_port_closed(uv_handle_t *handle)
{
	struct forward_port *port = handle->data;
	close(port->fd);
	free(port);
}

static void port_close(struct forward_port *port)
{
	uv_close((uv_handle_t *)&port->poll, on_port_closed);
}

void forward_udp_free(struct forward_udp *u)
{
	if (!u)
		return;
	for (unsigned i = 0; i < FORWARD_PORTS; i++) {
		if (u->ports[i])
			port_close(u->ports[i]);
	}
	free(u);
}

/* Returns how many came, or that the port is no more to be read from. */
static int receive_batch(struct forward_port *port)
{
	const struct forward_udp *u = port->of;
	int count = udp_inbox_receive(u->setup.inbox, port->fd);
	if (count == -ECONNREFUSED)
		u->setup.refused(u->setup.context, port);
	for (int i = 0; i < count; i++)
		u->setup.packet(u->setup.context, port, udp_inbox_packet(u->setup.inbox, i));
	return count;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct forward_port *port = poll->data;
	(void)events;
	port->live++; /* it stays while it is read */
	for (int i = 0; i < BATCHES_A_TURN && receive_batch(port) == UDP_CLIENT_BATCH; i++)
		;
	/* an error, which has been read now, made libuv stop */
	if (status < 0)
		(void)uv_poll_start(poll, UV_READABLE, on_readable);
	forward_port_release(port, true);
}

static struct forward_port *port_open(struct forward_udp *u, int64_t now_us)
{
	struct forward_port *port = calloc(1, sizeof(*port));
	if (!port)
		return NULL;
	port->fd = udp_client_open(&u->setup.to, u->setup.random);
	if (port->fd < 0 || uv_poll_init(u->setup.loop, &port->poll, port->fd) < 0) {
		cleanup_fd(&port->fd);
		free(port);
		return NULL;
	}
	port->of = u;
	port->opened_us = now_us;
	port->channel = (*u->setup.next_channel)++;
	port->poll.data = port;
	if (uv_poll_start(&port->poll, UV_READABLE, on_readable) < 0) {
		port_close(port);
		return NULL;
	}
	return port;
}

static void port_retire(struct forward_port *port)
{
	struct forward_udp *u = port->of;
	if (u->port == port)
		forward_udp_flush(u);
	port->is_retired = true;
	for (unsigned i = 0; i < FORWARD_PORTS; i++)
		u->ports[i] = u->ports[i] == port ? NULL : u->ports[i];
	if (port->live == 0)
		port_close(port);
}

struct forward_port *forward_udp_port(struct forward_udp *u, int64_t now_us)
{
	if (u->port)
		return u->port;
	struct forward_port **slot = &u->ports[random_pool_u16(u->setup.random) % FORWARD_PORTS];
	if (*slot && ((*slot)->uses >= FORWARD_PORT_USES ||
	              now_us - (*slot)->opened_us > FORWARD_PORT_AGE_US))
		port_retire(*slot);
	if (!*slot)
		*slot = port_open(u, now_us);
	u->port = *slot;
	return u->port;
}

uint8_t *forward_udp_room(struct forward_udp *u)
{
	return u->rooms[u->count];
}

void forward_udp_add(struct forward_udp *u, size_t size)
{
	u->batch[u->count] = view_of(u->rooms[u->count], size);
	u->count++;
	u->port->uses++;
	u->port->live++;
	if (u->count == UDP_CLIENT_BATCH)
		forward_udp_flush(u);
}

/* What the kernel does not take is lost as if on the way: it is asked again in time. */
void forward_udp_flush(struct forward_udp *u)
{
	struct forward_port *port = u->port;
	unsigned sent = 0, count = u->count;
	bool is_refused = false;
	u->port = NULL;
	u->count = 0;
	for (int tries = 0; sent < count && tries < 3; tries++) {
		int r = udp_client_send(port->fd, u->batch + sent, count - sent);
		sent += r > 0 ? (unsigned)r : 0;
		is_refused |= r == -ECONNREFUSED; /* that is about an earlier one */
		if (r < 0 && r != -ECONNREFUSED)
			break;
	}
	if (is_refused)
		u->setup.refused(u->setup.context, port);
}

void forward_port_release(struct forward_port *port, bool was_answered)
{
	port->live--;
	port->late += !was_answered;
	if (port->is_retired && port->live == 0)
		port_close(port);
}

bool forward_port_strange(struct forward_port *port)
{
	if (port->late > 0) {
		port->late--;
		return false;
	}
	if (++port->strangers < FORWARD_STRANGERS_MAX || port->is_retired)
		return false;
	port_retire(port);
	return true;
}
