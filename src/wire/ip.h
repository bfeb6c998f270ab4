/* ip.h - an IPv4 or IPv6 packet: who to whom, and what lies behind all headers of the network layer.
 *
 * What:    a pure function. IPv4 with options; IPv6 with hop-by-hop, routing, destination, mobility, HIP,
 *          shim6, AH and fragment headers, in any order and number. A fragment header that holds all of its
 *          packet (RFC 6946) is read through; a fragment's payload is what lies behind its header.
 * Borrows: views point into the packet.
 * Fails:   ERR_TRUNCATED: fewer bytes than the packet says that it has (a short capture); ERR_MALFORMED;
 *          ERR_CHECKSUM: the header's, IPv4. More bytes than it says are padding, and no part of it.
 * Limits:  65575 bytes; jumbograms (RFC 2675) are malformed.
 * Source:  RFC 791, RFC 8200 s4, RFC 4302 s2, RFC 6946, RFC 7045 s1. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"
#include "base/view.h"

enum ip_protocol {
	IP_TCP = 6,
	IP_UDP = 17,
	IP_IPV6_FRAGMENT = 44,
	IP_ESP = 50,
	IP_ICMP6 = 58,
};

enum {
	IP4_HEADER_SIZE = 20,
	IP6_HEADER_SIZE = 40,
	IP_PACKET_SIZE_MAX = 65535 + IP6_HEADER_SIZE,
};

struct ip_packet {
	struct address source, destination;
	struct view addresses; /* both as they lie, for the sum of what is inside */
	uint8_t protocol;      /* of `payload` */
	uint8_t hops;          /* left: time to live, hop limit */
	bool has_route; /* a source route that is not at its end: what it is sent to is no end host */
	bool is_fragment;
	bool has_more_fragments;
	uint16_t fragment_offset; /* in bytes, among the fragmented part */
	uint32_t fragment_id;
	size_t header_size; /* before the payload */
	/* IPv6: where the number of the protocol behind the fragment header is, and that header: to take it
	 * out. 0 where there is no fragment header. */
	size_t next_header_at, fragment_header_at;
	struct view payload;
};

int ip_parse(struct view packet, struct ip_packet *ret) must_check;
/* The sum of addresses, length and protocol that TCP and UDP add to theirs: pass it to inet_sum_add(). */
uint64_t ip_pseudo_sum(const struct ip_packet *p);
/* Sets the checksum of an IPv4 header; `size` is the header's. */
void ip4_set_checksum(uint8_t *header, size_t size);
