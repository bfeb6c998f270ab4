#include "gate/dns/event_loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unbound-event.h>
#include <unistd.h>

#include "net/listen.h"
#include "net/socket_address.h"

enum { EVENTS_A_TURN = 64 };

typedef void event_fn(int fd, short bits, void *argument);

struct event_loop {
	struct ub_event_base base; /* first: libunbound hands it back */
	uv_loop_t *loop;
	uv_poll_t poll; /* of epoll_fd */
	int epoll_fd;
	struct event *first; /* of all */
};

struct event {
	struct ub_event base; /* first */
	struct event_loop *owner;
	struct event *before, *next;
	int fd;
	short bits;
	event_fn *run;
	void *argument;
	bool is_waiting; /* in the epoll set */
	uint64_t timeout_ms;
	uv_timer_t timer;
};

static struct event *event_of(struct ub_event *e)
{
	void *at = e;
	return at;
}

static void event_unwatch(struct event *e)
{
	/* the descriptor may be closed already, which took it out of the set */
	if (e->is_waiting)
		(void)epoll_ctl(e->owner->epoll_fd, EPOLL_CTL_DEL, e->fd, NULL);
	e->is_waiting = false;
}

static int event_del(struct ub_event *base)
{
	struct event *e = event_of(base);
	event_unwatch(e);
	uv_timer_stop(&e->timer);
	return 0;
}

/* The event may be gone when run() returns: nothing is touched after it. */
static void event_fire(struct event *e, short bits)
{
	if (!(e->bits & UB_EV_PERSIST))
		event_del(&e->base);
	else if (e->timeout_ms && uv_is_active((uv_handle_t *)&e->timer))
		uv_timer_again(&e->timer);
	e->run(e->fd, bits, e->argument);
}

static void on_timer(uv_timer_t *timer)
{
	event_fire(timer->data, UB_EV_TIMEOUT);
}

static void timer_start(struct event *e, const struct timeval *after)
{
	e->timeout_ms = (uint64_t)after->tv_sec * 1000 + (uint64_t)(after->tv_usec + 999) / 1000;
	uint64_t repeat = e->bits & UB_EV_PERSIST ? e->timeout_ms : 0;
	uv_update_time(e->owner->loop);
	uv_timer_start(&e->timer, on_timer, e->timeout_ms, repeat);
}

static int event_add(struct ub_event *base, struct timeval *timeout)
{
	struct event *e = event_of(base);
	struct epoll_event wanted = {.data.ptr = e,
	                             .events = (e->bits & UB_EV_READ ? EPOLLIN : 0U) |
	                                       (e->bits & UB_EV_WRITE ? EPOLLOUT : 0U)};
	event_del(base);
	if (e->fd >= 0 && wanted.events) {
		if (epoll_ctl(e->owner->epoll_fd, EPOLL_CTL_ADD, e->fd, &wanted) < 0)
			return -1;
		e->is_waiting = true;
	}
	if (timeout)
		timer_start(e, timeout);
	return 0;
}

static void event_add_bits(struct ub_event *base, short bits)
{
	event_of(base)->bits |= bits;
}

static void event_del_bits(struct ub_event *base, short bits)
{
	event_of(base)->bits &= (short)~bits;
}

static void event_set_fd(struct ub_event *base, int fd)
{
	event_of(base)->fd = fd;
}

static void on_event_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static void event_free(struct ub_event *base)
{
	struct event *e = event_of(base);
	event_del(base);
	*(e->before ? &e->before->next : &e->owner->first) = e->next;
	if (e->next)
		e->next->before = e->before;
	uv_close((uv_handle_t *)&e->timer, on_event_closed);
}

static int event_add_timer(struct ub_event *base, struct ub_event_base *owner, event_fn *run,
                           void *argument, struct timeval *after)
{
	struct event *e = event_of(base);
	(void)owner;
	e->run = run;
	e->argument = argument;
	timer_start(e, after);
	return 0;
}

static int event_no_signal(struct ub_event *base, struct timeval *after)
{
	(void)base, (void)after;
	return -1;
}

static int event_no_signal_del(struct ub_event *base)
{
	(void)base;
	return -1;
}

static void event_no_winsock(struct ub_event *base)
{
	(void)base;
}

static void event_no_wouldblock(struct ub_event *base, int bit)
{
	(void)base, (void)bit;
}

static struct ub_event_vmt event_functions = {
	.add_bits = event_add_bits,
	.del_bits = event_del_bits,
	.set_fd = event_set_fd,
	.free = event_free,
	.add = event_add,
	.del = event_del,
	.add_timer = event_add_timer,
	.del_timer = event_del,
	.add_signal = event_no_signal,
	.del_signal = event_no_signal_del,
	.winsock_unregister_wsaevent = event_no_winsock,
	.winsock_tcp_wouldblock = event_no_wouldblock,
};

static struct ub_event *base_new_event(struct ub_event_base *base, int fd, short bits,
                                       event_fn *run, void *argument)
{
	void *owner = base;
	struct event *e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	*e = (struct event){.base = {UB_EVENT_MAGIC, &event_functions},
	                    .owner = owner,
	                    .fd = fd,
	                    .bits = bits,
	                    .run = run,
	                    .argument = argument};
	e->next = e->owner->first;
	if (e->next)
		e->next->before = e;
	e->owner->first = e;
	uv_timer_init(e->owner->loop, &e->timer);
	e->timer.data = e;
	return &e->base;
}

static struct ub_event *base_no_signal(struct ub_event_base *base, int fd, event_fn *run,
                                       void *argument)
{
	(void)base, (void)fd, (void)run, (void)argument;
	return NULL;
}

static struct ub_event *base_no_winsock(struct ub_event_base *base, void *wsaevent, event_fn *run,
                                        void *argument)
{
	(void)base, (void)wsaevent, (void)run, (void)argument;
	return NULL;
}

static void base_free(struct ub_event_base *base)
{
	(void)base;
}

static int base_no_dispatch(struct ub_event_base *base)
{
	(void)base;
	return -1;
}

static int base_no_loopexit(struct ub_event_base *base, struct timeval *after)
{
	(void)base, (void)after;
	return -1;
}

static struct ub_event_base_vmt base_functions = {
	.free = base_free,
	.dispatch = base_no_dispatch,
	.loopexit = base_no_loopexit,
	.new_event = base_new_event,
	.new_signal = base_no_signal,
	.winsock_register_wsaevent = base_no_winsock,
};

static short bits_of(const struct event *e, uint32_t events)
{
	unsigned bits =
		(events & EPOLLIN ? UB_EV_READ : 0U) | (events & EPOLLOUT ? UB_EV_WRITE : 0U);
	if (events & (EPOLLERR | EPOLLHUP))
		bits |= UB_EV_READ | UB_EV_WRITE;
	return (short)(bits & (unsigned)e->bits);
}

static void on_ready(uv_poll_t *poll, int status, int ready)
{
	struct event_loop *loop = poll->data;
	struct epoll_event event;
	(void)status, (void)ready;
	/* one at a time: what one event does may free the next */
	for (int i = 0; i < EVENTS_A_TURN && epoll_wait(loop->epoll_fd, &event, 1, 0) == 1; i++) {
		struct event *e = event.data.ptr;
		event_fire(e, bits_of(e, event.events));
	}
}

int event_loop_open(uv_loop_t *loop, struct event_loop **ret)
{
	struct event_loop *e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->base = (struct ub_event_base){UB_EVENT_MAGIC, &base_functions};
	e->loop = loop;
	e->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int r = e->epoll_fd < 0 ? -errno : uv_poll_init(loop, &e->poll, e->epoll_fd);
	if (r < 0) {
		if (e->epoll_fd >= 0)
			close(e->epoll_fd);
		free(e);
		return r;
	}
	e->poll.data = e;
	r = uv_poll_start(&e->poll, UV_READABLE, on_ready);
	if (r < 0) {
		event_loop_close(e);
		return r;
	}
	*ret = e;
	return OK;
}

struct ub_event_base *event_loop_base(struct event_loop *e)
{
	return &e->base;
}

static bool is_connection(int fd, const struct endpoint *from, const struct endpoint *to)
{
	struct sockaddr_storage name = {0};
	void *at = &name;
	struct endpoint own, peer;
	int type = 0;
	socklen_t type_size = sizeof(type), size = sizeof(name);
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) < 0 || type != SOCK_STREAM ||
	    listen_endpoint(fd, &own) < 0 || getpeername(fd, at, &size) < 0)
		return false;
	peer = socket_endpoint(&name);
	return endpoint_equal(&own, from) && endpoint_equal(&peer, to);
}

bool event_loop_has_connection(const struct event_loop *e, const struct endpoint *from,
                               const struct endpoint *to)
{
	for (const struct event *event = e->first; event; event = event->next) {
		if (event->fd >= 0 && is_connection(event->fd, from, to))
			return true;
	}
	return false;
}

static void on_loop_closed(uv_handle_t *poll)
{
	struct event_loop *e = poll->data;
	close(e->epoll_fd);
	free(e);
}

void event_loop_close(struct event_loop *e)
{
	if (e)
		uv_close((uv_handle_t *)&e->poll, on_loop_closed);
}
