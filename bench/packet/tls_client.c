#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tlsload.h"

enum { EVENTS = 256, SWEEP_NS = 20000000, BURST = 64, WAIT_MS = 1 };

enum state { FREE, CONNECTING, HELLO_SENT, FINISHED_SENT };

struct connection {
	int fd;
	enum state state;
	size_t got;
	int64_t started_ns;
};

struct client {
	const struct tls_client_setup *setup;
	const struct recording *rec;
	struct tls_client_counts *counts;
	int loop;
	unsigned open, next_free, next_address;
	unsigned free[TLSLOAD_SOCKETS];
	struct connection connections[TLSLOAD_SOCKETS];
};

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void end(struct client *c, struct connection *k)
{
	close(k->fd);
	k->state = FREE;
	c->free[--c->next_free] = (unsigned)(k - c->connections);
	c->open--;
}

static void start(struct client *c)
{
	struct sockaddr_in to = c->setup->server;
	to.sin_addr.s_addr =
		htonl(ntohl(to.sin_addr.s_addr) + c->next_address++ % c->setup->addresses);
	int64_t now = now_ns();
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	c->counts->started++;
	if (fd < 0 ||
	    (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS)) {
		c->counts->failed++;
		if (fd >= 0)
			close(fd);
		return;
	}
	unsigned slot = c->free[c->next_free++];
	struct epoll_event e = {.events = EPOLLOUT, .data.u32 = slot};
	c->connections[slot] = (struct connection){fd, CONNECTING, 0, now};
	c->open++;
	(void)epoll_ctl(c->loop, EPOLL_CTL_ADD, fd, &e);
}

static void send_hello(struct client *c, struct connection *k, uint32_t slot)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u32 = slot};
	if (send(k->fd, c->rec->hello.bytes, c->rec->hello.size, MSG_NOSIGNAL) < 0) {
		c->counts->refused++;
		end(c, k);
		return;
	}
	k->state = HELLO_SENT;
	(void)epoll_ctl(c->loop, EPOLL_CTL_MOD, k->fd, &e);
}

/* The flight came; its first bytes are what a person waits for. */
static void take_flight(struct client *c, struct connection *k, size_t n)
{
	if (k->got == 0) {
		c->counts->answered++;
		histogram_add(&c->counts->first, now_ns() - k->started_ns);
	}
	k->got += n;
	if (k->got < c->rec->flight.size)
		return;
	k->got = 0;
	k->state = FINISHED_SENT;
	if (!c->setup->is_whole ||
	    send(k->fd, c->rec->finish.bytes, c->rec->finish.size, MSG_NOSIGNAL) < 0) {
		c->counts->finished += !c->setup->is_whole;
		end(c, k);
	}
}

static void receive(struct client *c, struct connection *k)
{
	static uint8_t buffer[RECORDING_SIZE_MAX];
	ssize_t n = recv(k->fd, buffer, sizeof(buffer), 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0 && k->state == HELLO_SENT) {
		take_flight(c, k, (size_t)n);
		return;
	}
	if (n > 0) {
		k->got += (size_t)n;
		return;
	}
	if (k->state == FINISHED_SENT && k->got >= c->rec->answer.size)
		c->counts->finished++;
	else if (k->state == HELLO_SENT && k->got == 0)
		c->counts->refused++;
	end(c, k);
}

static void sweep(struct client *c, int64_t now)
{
	for (unsigned i = 0; i < TLSLOAD_SOCKETS; i++) {
		struct connection *k = &c->connections[i];
		if (k->state != FREE && now - k->started_ns > c->setup->patience_ns) {
			c->counts->timed_out++;
			end(c, k);
		}
	}
}

static bool may_start(const struct client *c, int64_t since_ns, int64_t now)
{
	const struct tls_client_setup *s = c->setup;
	if (c->open >= TLSLOAD_SOCKETS || (s->count && c->counts->started >= s->count) ||
	    now - since_ns >= s->length_ns)
		return false;
	if (s->rate > 0)
		return (double)c->counts->started < (double)(now - since_ns) * s->rate / 1e9;
	return c->open < s->window;
}

static void take_events(struct client *c, int wait_ms)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(c->loop, events, EVENTS, wait_ms);
	for (int i = 0; i < count; i++) {
		struct connection *k = &c->connections[events[i].data.u32];
		if (k->state == CONNECTING)
			send_hello(c, k, events[i].data.u32);
		else if (k->state != FREE)
			receive(c, k);
	}
}

int tls_client_run(const struct tls_client_setup *setup, const struct recording *rec,
                   struct tls_client_counts *ret)
{
	struct client *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	*ret = (struct tls_client_counts){0};
	c->setup = setup;
	c->rec = rec;
	c->counts = ret;
	c->loop = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned i = 0; i < TLSLOAD_SOCKETS; i++)
		c->free[i] = i;
	int64_t since = now_ns(), swept = since, now = since;
	do {
		for (unsigned n = 0; n < BURST && may_start(c, since, now); n++)
			start(c);
		/* by the clock it never sleeps, so that it starts and sees in time */
		take_events(c, setup->rate > 0 ? 0 : WAIT_MS);
		now = now_ns();
		if (now - swept > SWEEP_NS) {
			sweep(c, now);
			swept = now;
		}
	} while (c->open || (now - since < setup->length_ns &&
	                     (!setup->count || ret->started < setup->count)));
	ret->spent_ns = now - since;
	close(c->loop);
	free(c);
	return 0;
}
