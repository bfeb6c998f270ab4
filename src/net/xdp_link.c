#include "net/xdp_link.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <string.h>
#include <unistd.h>

#include "net/xdp_filter.h"
#include "net/xdp_filter_object.h"

struct xdp_link {
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
	int map = bpf_object__find_map_fd_by_name(l->object, "listeners");
	for (size_t i = 0; i < count; i++) {
		struct xdp_filter_listener key = key_of(interface, &at[i]);
		int code = bpf_map_update_elem(map, &key, &present, BPF_ANY);
		if (code < 0)
			return code;
	}
	return OK;
}

static int attach(struct xdp_link *l, const struct interface *interface)
{
	const struct bpf_program *filter = bpf_object__find_program_by_name(l->object, "filter");
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	l->fd = bpf_link_create(bpf_program__fd(filter), (int)interface->index, BPF_XDP, &options);
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
	(void)libbpf_set_print(NULL); /* what it would print is in its result */
	l->object = bpf_object__open_mem(xdp_filter_object, xdp_filter_object_size, NULL);
	if (!l->object)
		return -errno;
	int code = bpf_object__load(l->object);
	if (code == OK)
		code = add_listeners(l, interface, at, count);
	if (code == OK)
		code = attach(l, interface);
	if (code < 0)
		return code;
	l->sockets = bpf_object__find_map_fd_by_name(l->object, "sockets");
	*ret = take_ptr(l);
	return OK;
}

void xdp_link_close(struct xdp_link *l)
{
	if (!l)
		return;
	cleanup_fd(&l->fd);
	bpf_object__close(l->object);
	free(l);
}

int xdp_link_add(struct xdp_link *l, unsigned queue, int socket)
{
	return bpf_map_update_elem(l->sockets, &queue, &socket, BPF_ANY);
}
