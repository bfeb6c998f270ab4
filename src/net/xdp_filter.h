/* xdp_filter.h - what the filter in an interface's driver is told: which datagrams are ours.
 *
 * Both sides of the map include this: the filter (xdp_filter.bpf.c) and who fills it (xdp_link.c). Numbers
 * are in network order; IPv4 addresses are in the first four bytes, the others zero. */
#pragma once

#include <linux/types.h>

enum {
	XDP_FILTER_LISTENERS_MAX = 4096,
	XDP_FILTER_QUEUES_MAX = 256,
	XDP_FILTER_FRAME_MAX = 1536, /* what is longer is no query; fits a frame of xdp_socket.c */
};

struct xdp_filter_listener {
	__u8 mac[6]; /* the interface's own: a frame for another is not ours */
	__be16 ethertype;
	__u8 address[16];
	__be16 port;
	__u16 zero;
};
