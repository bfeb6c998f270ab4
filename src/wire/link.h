/* link.h - from a frame of some kind of link to the IP packet in it.
 *
 * What:    links[] in link.c is the table of link types. On the way are read: 802.1Q and 802.1ad tags, MPLS with
 *          and without pseudowires, PPPoE, Cisco's security group tags, provider backbone bridges (802.1ah),
 *          NSH, LLC and SNAP. What is encrypted (802.11, MACsec) holds no packet for us.
 * Borrows: the packet points into the frame, and may have padding behind it.
 * Fails:   ERR_MISSING: no IP packet; ERR_TRUNCATED: the frame ends before the packet begins; ERR_VERSION: a
 *          link type that is not in the table.
 * Limits:  LINK_LAYERS_MAX headers in one frame.
 * Source:  tcpdump.org/linktypes.html; IEEE 802.3, 802.1Q, 802.2, 802.11-2020 s9; RFC 3032, 4385 (MPLS), 2516
 *          (PPPoE), 1661 (PPP), 8300 (NSH). */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { LINK_LAYERS_MAX = 16 };

/* What a header says is behind it. */
enum layer {
	LAYER_NONE, /* nothing of ours */
	LAYER_IP,
	LAYER_ETHERNET,
	LAYER_ETHERTYPE, /* of `number` */
	LAYER_LLC,
	LAYER_PPP, /* from its protocol on, or the address before it */
	LAYER_MPLS,
	LAYER_LINK, /* link type `number` */
	LAYERS
};

struct layer_at {
	enum layer layer;
	uint16_t number;
	struct view rest;
};

/* What follows the header that was read. Returns OK. */
static inline int layer_end_at(struct layer_at *at, enum layer layer, uint16_t number)
{
	at->layer = layer;
	at->number = number;
	return OK;
}

int link_find_ip(uint16_t link, struct view frame, struct view *ret_ip) must_check;
/* The same, from a header on that is within an IP packet (tunnel.h). */
int link_find_ip_from(struct layer_at at, struct view *ret_ip) must_check;
