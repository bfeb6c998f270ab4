#include "gate/dns/xdp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/packet_filter.h"
#include "net/xdp_link.h"
#include "net/xdp_socket.h"

enum {
	SOURCES_MAX = 64, /* below WORKER_SOURCES_MAX, beside the listeners */
	ADDRESSES_MAX = 1024,
	TRIES = 50, /* of a queue that was just given up */
	TRY_NS = 10000000,
};

struct listeners { /* of one worker, over UDP */
	int fds[DNS_LISTEN_MAX];
	struct endpoint at[DNS_LISTEN_MAX];
	size_t count;
};

struct source {
	struct xdp_socket *socket;
	unsigned worker;
};

struct dns_xdp {
	struct dns_xdp_path paths[INTERFACES_MAX];
	struct xdp_link *links[INTERFACES_MAX];
	size_t path_count;
	struct source sources[SOURCES_MAX];
	size_t source_count;
	unsigned workers;
	struct endpoint addresses[ADDRESSES_MAX];
	size_t address_count;
	struct listeners listeners[];
};

static const struct {
	int code;
	const char *why;
} reasons[] = {
	{-ENOSYS, "this build is without it"},
	{ERR_MISSING, "libbpf or libxdp is not installed"},
	{ERR_VERSION, "libbpf or libxdp is too old"},
	{-ENODEV, "it is no Ethernet interface that is up"},
	{-EOPNOTSUPP, "its driver cannot"},
	{-EBUSY, "another program has taken it"},
	{-EPERM, "not permitted: needs root or the capabilities bpf, net_admin and net_raw"},
	{-EACCES, "not permitted: needs root or the capabilities bpf, net_admin and net_raw"},
};

static const char *why_of(int code)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code == code)
			return reasons[i].why;
	}
	return err_text(code);
}

static int add_listeners(struct dns_xdp *x, const struct dns_gate_setup *setup)
{
	for (size_t i = 0; i < setup->listener_count; i++) {
		const struct dns_listener *l = &setup->listeners[i];
		struct listeners *of = &x->listeners[l->worker];
		if (l->transport != DNS_OVER_UDP)
			continue;
		if (of->count == DNS_LISTEN_MAX)
			return ERR_LIMIT;
		int code = listen_endpoint(l->fd, &of->at[of->count]);
		if (code < 0)
			return code;
		of->fds[of->count++] = l->fd;
	}
	/* every worker has the same */
	int count = interface_addresses(x->listeners[0].at, x->listeners[0].count, x->addresses,
	                                ADDRESSES_MAX);
	x->address_count = count < 0 ? 0 : (size_t)count;
	return count < 0 ? count : OK;
}

static int name_paths(struct dns_xdp *x, const struct dns_xdp_options *o)
{
	char names[INTERFACES_MAX][IF_NAMESIZE] = {0};
	const char *const *given = o->interfaces.items;
	int count = (int)o->interfaces.count;
	if (!given)
		count = interfaces_with(x->listeners[0].at, x->listeners[0].count, names);
	for (int i = 0; i < count; i++) {
		const char *name = given ? given[i] : names[i];
		memcpy(x->paths[i].interface, name, strnlen(name, IF_NAMESIZE - 1));
	}
	x->path_count = count < 0 ? 0 : (size_t)count;
	return count < 0 ? count : OK;
}

/* The kernel gives a queue up a moment after the process that had it has ended. */
static int open_queue(const struct interface *interface, unsigned queue,
                      const struct xdp_later *later, struct xdp_socket **ret)
{
	static const struct timespec moment = {.tv_nsec = TRY_NS};
	int code = -EBUSY;
	for (int i = 0; code == -EBUSY && i < TRIES; i++) {
		if (i)
			nanosleep(&moment, NULL);
		code = xdp_socket_open(interface, queue, later, ret);
	}
	return code;
}

static int add_queue(struct dns_xdp *x, size_t path, const struct interface *interface,
                     unsigned queue)
{
	unsigned worker = (unsigned)(x->source_count % x->workers);
	const struct listeners *l = &x->listeners[worker];
	const struct xdp_later later = {l->fds, l->at, l->count};
	cleanup(xdp_socket) struct xdp_socket *socket = NULL;
	int code = open_queue(interface, queue, &later, &socket);
	if (code == OK)
		code = xdp_link_add(x->links[path], queue, xdp_socket_source(socket)->fd);
	if (code < 0)
		return code;
	x->paths[path].is_zero_copy &= xdp_socket_is_zero_copy(socket);
	x->paths[path].queues++;
	x->sources[x->source_count++] = (struct source){take_ptr(socket), worker};
	return OK;
}

/* Takes an interface back that could not be opened as a whole. */
static void drop_path(struct dns_xdp *x, size_t path, size_t sources)
{
	xdp_link_close(take_ptr(x->links[path]));
	while (x->source_count > sources)
		xdp_socket_close(x->sources[--x->source_count].socket);
	x->paths[path].queues = 0;
}

/* Queues beyond what we serve have no socket: the filter leaves them to the kernel. */
static int open_path(struct dns_xdp *x, size_t path)
{
	struct interface interface;
	int code = interface_read(x->paths[path].interface, &interface);
	if (code == OK)
		code = xdp_link_open(&interface, x->addresses, x->address_count, &x->links[path]);
	size_t before = x->source_count;
	x->paths[path].is_zero_copy = true;
	for (unsigned queue = 0; code == OK && queue < interface.queues; queue++) {
		if (x->source_count == SOURCES_MAX)
			break;
		code = add_queue(x, path, &interface, queue);
	}
	if (code == OK && x->source_count == before)
		code = ERR_LIMIT;
	if (code < 0)
		drop_path(x, path, before);
	return code;
}

/* NULL when nothing is in the way of all interfaces alike. */
static const char *general_reason(const struct dns_xdp_options *o)
{
	if (o->mode == XDP_REQUIRED)
		return NULL;
	int code = packet_filter_ask();
	if (code == PACKET_FILTER_SET)
		return "the machine filters packets, and a filter would be passed by";
	return code < 0 ? why_of(code) : NULL;
}

int dns_xdp_open(const struct dns_gate_setup *setup, struct dns_xdp **ret)
{
	const struct dns_xdp_options *o = &setup->options->xdp;
	cleanup(dns_xdp) struct dns_xdp *x =
		calloc(1, sizeof(*x) + setup->workers * sizeof(x->listeners[0]));
	if (!x)
		return -ENOMEM;
	x->workers = setup->workers;
	int code = o->mode == XDP_OFF ? OK : add_listeners(x, setup);
	if (code == OK && o->mode != XDP_OFF)
		code = name_paths(x, o);
	if (code < 0)
		return code;
	const char *why = x->path_count ? general_reason(o) : NULL;
	for (size_t i = 0; i < x->path_count; i++) {
		code = why ? OK : open_path(x, i);
		x->paths[i].why = code < 0 ? why_of(code) : why;
	}
	*ret = take_ptr(x);
	return OK;
}

void dns_xdp_close(struct dns_xdp *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->path_count; i++)
		xdp_link_close(x->links[i]);
	for (size_t i = 0; i < x->source_count; i++)
		xdp_socket_close(x->sources[i].socket);
	free(x);
}

size_t dns_xdp_paths(const struct dns_xdp *x, const struct dns_xdp_path **ret)
{
	*ret = x->paths;
	return x->path_count;
}

struct datagram_source *dns_xdp_source(const struct dns_xdp *x, size_t i, unsigned *ret_worker)
{
	if (i >= x->source_count)
		return NULL;
	*ret_worker = x->sources[i].worker;
	return xdp_socket_source(x->sources[i].socket);
}
