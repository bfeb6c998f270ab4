/* packet_capture.h - a copy of the packets on an interface, as on the mirror port of a switch.
 *
 * What:    IP packets only, of both directions, from the IP header on, out of memory that is shared with the
 *          kernel (AF_PACKET, TPACKET_V3). The interface hears all frames while it is open. Of VLAN tags the
 *          outermost is taken off.
 *          Not libpcap: it does not tell which checksums are yet to be written, and by them decoys are told.
 * Owns:    the socket and its memory. Views live until the next packet_capture_receive().
 * Needs:   CAP_NET_RAW to open, nothing afterwards.
 * Limits:  the memory; what does not fit is dropped by the kernel and counted.
 * Threads: one.
 * Source:  packet(7), linux/if_packet.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/view.h"

struct captured_packet {
	struct view bytes; /* from the IP header on */
	uint32_t size;     /* of the packet, which may be more than `bytes` */
	int64_t at_us;     /* by the clock of the wall */
	bool checksum_is_open;
};

struct packet_capture;

/* `memory` is rounded to blocks of 1 MiB, at least two. -ENODEV for a name that is no interface. */
int packet_capture_open(const char *interface, size_t memory,
                        struct packet_capture **ret) must_check;
void packet_capture_close(struct packet_capture *c);
DEFINE_CLEANUP(packet_capture, struct packet_capture *, packet_capture_close);

/* To wait for with a loop; it never blocks. */
int packet_capture_fd(const struct packet_capture *c);
/* Returns how many, 0 when there is none now. */
size_t packet_capture_receive(struct packet_capture *c, struct captured_packet *packets,
                              size_t max);
/* Since it was opened; a system call (getsockopt). */
uint64_t packet_capture_dropped(struct packet_capture *c);
