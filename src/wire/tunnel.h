/* tunnel.h - the IP packet within a packet that carries one.
 *
 * What:    IP in IP (4 and 6 in each other), GRE (with keys and sequence numbers, PPTP's form, ERSPAN I to III),
 *          MPLS in IP, EtherIP, and over UDP: VXLAN (and GPE), Geneve, GTP-U with extension headers, Teredo,
 *          L2TPv2 data, CAPWAP data, AYIYA, GRE and MPLS in UDP.
 * Borrows: the inner packet points into the outer one.
 * Fails:   ERR_MISSING: it is no such thing, so it stands for itself.
 * Source:  RFC 2003, 4213, 2473 (IP in IP), 2784, 2890, 2637 (GRE), draft-foschiano-erspan, RFC 4023 (MPLS), 3378
 *          (EtherIP), 7348 (VXLAN), 8926 (Geneve), 3GPP TS 29.281 s5 (GTP-U), 4380 (Teredo), 2661 (L2TP), 5415 (CAPWAP), 8086,
 *          7510. */
#pragma once

#include "base/err.h"
#include "base/view.h"
#include "wire/ip.h"

enum { TUNNEL_DEPTH_MAX = 8 }; /* for who opens one after the other */

/* `ip` is no fragment. */
int tunnel_open(const struct ip_packet *ip, struct view *ret_inner) must_check;
/* Whether datagrams between such ports may be a tunnel's. */
static inline bool tunnel_is_port(uint16_t port)
{
	switch (port) {
	case 1701: /* L2TP */
	case 2152: /* GTP-U */
	case 3544: /* Teredo */
	case 4754: /* GRE */
	case 4789: /* VXLAN */
	case 4790: /* VXLAN-GPE */
	case 5072: /* AYIYA */
	case 5247: /* CAPWAP */
	case 6081: /* Geneve */
	case 6635: /* MPLS */
	case 8472: /* VXLAN, as Linux had it first */ return true;
	default: return false;
	}
}
/* Whether a packet of that protocol may carry another. */
static inline bool tunnel_is_protocol(uint8_t protocol)
{
	return protocol == 4 || protocol == 41 || protocol == 47 || protocol == 97 ||
	       protocol == 137;
}
