/* conntrack.h - connections that ended, with how much went by: what the kernel tells of those that were marked.
 *
 * What:    one netlink socket that hears of ended connections; a filter in the kernel leaves those whose mark
 *          has all of certain bits. How much and how long is known where the kernel's accounting and
 *          timestamps are on.
 * Owns:    conntrack_open() the socket. Each message is read by libnetfilter_conntrack, which allocates.
 * Needs:   CAP_NET_ADMIN to open, nothing afterwards.
 * Limits:  the socket's buffer; what does not fit is lost and counted.
 * Threads: one.
 * Source:  linux/netfilter/nfnetlink_conntrack.h, libnetfilter_conntrack, libmnl. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "flow/flow_key.h"

struct conntrack_end {
	/* The server as it was reached: behind destination NAT, as where packets are forwarded. */
	struct flow_key key;
	uint32_t mark;
	uint64_t bytes_up, bytes_down; /* with their headers */
	uint64_t packets_up, packets_down;
	int64_t started_us, ended_us; /* 0: not known */
};

struct conntrack;

/* `mark`: the bits, not 0. */
int conntrack_open(uint32_t mark, size_t socket_buffer, struct conntrack **ret) must_check;
void conntrack_close(struct conntrack *c);
DEFINE_CLEANUP(conntrack, struct conntrack *, conntrack_close);

/* To wait for with a loop; it never blocks. */
int conntrack_fd(const struct conntrack *c);
/* Returns how many, 0 when there is none now, or -errno. */
int conntrack_receive(struct conntrack *c, struct conntrack_end *ends, size_t max) must_check;
/* How many messages were lost since it was opened; a system call (getsockopt). */
uint64_t conntrack_lost(struct conntrack *c);
