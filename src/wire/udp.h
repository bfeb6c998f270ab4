/* udp.h - a UDP datagram: its ports and what it carries.
 *
 * What:    pure functions. Bytes behind the length that the header says are not part of the datagram.
 * Borrows: the payload points into the datagram.
 * Fails:   ERR_MALFORMED: shorter than its header, or than its header says. The checksum is
 *          udp_is_sum_right()'s.
 * Source:  RFC 768, RFC 8200 s8.1 (no datagram without checksum in IPv6). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/ip.h"

enum { UDP_HEADER_SIZE = 8 };

struct udp_datagram {
	uint16_t source_port, destination_port;
	struct view payload;
};

int udp_parse(struct view datagram, struct udp_datagram *ret) must_check;
bool udp_is_sum_right(const struct ip_packet *ip);
