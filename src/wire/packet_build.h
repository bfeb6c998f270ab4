/* packet_build.h - writes whole IPv4 and IPv6 packets with one TCP segment or UDP datagram in them.
 *
 *	struct packet_ends ends = {.source = server, .destination = client, 443, 51234};
 *	struct packet_tcp reset = {.sequence = 7, .flags = TCP_RST};
 *	size_t size = packet_build_tcp(&ends, &reset, (struct view){0}, room, sizeof(room));
 *
 * What:    pure. No options, no extension headers, "do not fragment"; all checksums are right. The family is
 *          that of the addresses, which is the same for both.
 * Owns:    nothing; the payload is copied into `room`, and must not lie in it.
 * Fails:   0 when it does not fit, in `room` or in a packet.
 * Threads: any.
 * Source:  RFC 791, RFC 8200, RFC 9293 s3.1, RFC 768; RFC 6864 s4.1 (identification of what is not
 *          fragmented). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/view.h"
#include "wire/tcp.h"
#include "wire/udp.h"

enum {
	PACKET_TCP_HEADERS = IP6_HEADER_SIZE + TCP_HEADER_SIZE, /* before the payload, at most */
};

struct packet_ends {
	struct address source, destination;
	uint16_t source_port, destination_port;
};

struct packet_tcp {
	uint32_t sequence, acknowledged;
	uint8_t flags; /* enum tcp_flag */
	uint16_t window;
};

size_t packet_build_tcp(const struct packet_ends *ends, const struct packet_tcp *tcp,
                        struct view payload, uint8_t *room, size_t room_size);
size_t packet_build_udp(const struct packet_ends *ends, struct view payload, uint8_t *room,
                        size_t room_size);
