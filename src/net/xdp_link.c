#include "net/xdp_link.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <string.h>
#include <unistd.h>

#include "net/library.h"
#include "net/xdp_filter.h"
#include "net/xdp_filter_object.h"

/* Of libbpf. */
struct functions {
	__typeof__(libbpf_set_print) *set_print;
	__typeof__(bpf_object__open_mem) *open_mem;
	__typeof__(bpf_object__load) *load;
	__typeof__(bpf_object__close) *close;
	__typeof__(bpf_object__find_map_fd_by_name) *find_map;
	__typeof__(bpf_object__find_program_by_name) *find_program;
	__typeof__(bpf_program__fd) *program_fd;
	__typeof__(bpf_link_create) *link_create;
	__typeof__(bpf_map_update_elem) *map_update;
};

static const struct library_symbol symbols[] = {
	{"libbpf_set_print", offsetof(struct functions, set_print)},
	{"bpf_object__open_mem", offsetof(struct functions, open_mem)},
	{"bpf_object__load", offsetof(struct functions, load)},
	{"bpf_object__close", offsetof(struct functions, close)},
	{"bpf_object__find_map_fd_by_name", offsetof(struct functions, find_map)},
	{"bpf_object__find_program_by_name", offsetof(struct functions, find_program)},
	{"bpf_program__fd", offsetof(struct functions, program_fd)},
	{"bpf_link_create", offsetof(struct functions, link_create)},
	{"bpf_map_update_elem", offsetof(struct functions, map_update)},
};

struct xdp_link {
	struct functions bpf;
	struct bpf_object *object;
	int fd;      /* the filter in the driver; closing it takes it out */
	int sockets; /* the map, owned by `object` */
};

static struct xdp_filter_listener key_of(const struct interface *interface,
                                         const struct endpoint *at)
{
	struct xdp_filter_listener key = {
		.ethertype = htons(at->family == ADDRESS_V4 ? ETH_P_IP : ETH_P_IPV6),
		.port = htons(at->port)};
	memcpy(key.mac, interface->mac, sizeof(key.mac));
	memcpy(key.address, at->bytes, sizeof(key.address));
	return key;
}

static int add_listeners(const struct xdp_link *l, const struct interface *interface,
                         const struct endpoint *at, size_t count)
{
	static const __u8 present = 1;
	int map = l->bpf.find_map(l->object, "listeners");
	for (size_t i = 0; i < count; i++) {
		struct xdp_filter_listener key = key_of(interface, &at[i]);
		int code = l->bpf.map_update(map, &key, &present, BPF_ANY);
		if (code < 0)
			return code;
	}
	return OK;
}

static int attach(struct xdp_link *l, const struct interface *interface)
{
	const struct bpf_program *filter = l->bpf.find_program(l->object, "filter");
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	l->fd = l->bpf.link_create(l->bpf.program_fd(filter), (int)interface->index, BPF_XDP,
	                           &options);
	return l->fd < 0 ? l->fd : OK;
}

int xdp_link_open(const struct interface *interface, const struct endpoint *at, size_t count,
                  struct xdp_link **ret)
{
	if (count > XDP_FILTER_LISTENERS_MAX)
		return ERR_LIMIT;
	cleanup(xdp_link) struct xdp_link *l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->fd = -1;
	int code =
		library_open("libbpf.so.1", symbols, sizeof(symbols) / sizeof(*symbols), &l->bpf);
	if (code < 0)
		return code;
	(void)l->bpf.set_print(NULL); /* what it would print is in its result */
	l->object = l->bpf.open_mem(xdp_filter_object, xdp_filter_object_size, NULL);
	if (!l->object)
		return -errno;
	code = l->bpf.load(l->object);
	if (code == OK)
		code = add_listeners(l, interface, at, count);
	if (code == OK)
		code = attach(l, interface);
	if (code < 0)
		return code;
	l->sockets = l->bpf.find_map(l->object, "sockets");
	*ret = take_ptr(l);
	return OK;
}

void xdp_link_close(struct xdp_link *l)
{
	if (!l)
		return;
	cleanup_fd(&l->fd);
	if (l->object)
		l->bpf.close(l->object);
	free(l);
}

int xdp_link_add(struct xdp_link *l, unsigned queue, int socket)
{
	return l->bpf.map_update(l->sockets, &queue, &socket, BPF_ANY);
}
