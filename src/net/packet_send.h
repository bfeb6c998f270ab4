/* packet_send.h - sends IP packets as they are written: resets, and answers in a server's name.
 *
 * What:    where packets are routed, by raw sockets, the kernel finding the way; where they are bridged, to
 *          the port and the hardware address from which a packet came. They have a mark, by which our own
 *          rules let them be. All checksums are the caller's.
 * Owns:    three sockets, which receive nothing. Nothing allocates.
 * Needs:   CAP_NET_RAW and, for the mark, CAP_NET_ADMIN to open; nothing afterwards.
 * Limits:  a packet must fit the link: it is not cut into fragments.
 * Threads: any.
 * Source:  raw(7), packet(7), RFC 3542 s3 (IPV6_HDRINCL is Linux's own). */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct packet_sender {
	int v4, v6, link; /* -1: not open */
};

/* On a machine without IPv6 there is no socket for it, which is no failure. */
int packet_sender_open(uint32_t mark, struct packet_sender *ret) must_check;
void packet_sender_close(struct packet_sender *s);

/* `interface` is that of the receiver, for link-local addresses; 0: none. -errno; -EMSGSIZE. */
int packet_send(const struct packet_sender *s, struct view packet, uint32_t interface) must_check;
/* To a port of a bridge. -errno. */
int packet_send_to_port(const struct packet_sender *s, struct view packet, uint32_t port,
                        struct view hardware_address) must_check;
