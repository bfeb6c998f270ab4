/* capture_packet.h - one packet of a capture file, whatever the file's format.
 *
 * Borrows: `bytes` point into the file's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

/* A packet that says that it is larger is no packet: no program captures so much of one (tcpdump and Wireshark: 256
 * KiB). */
enum { CAPTURE_PACKET_SIZE_MAX = 256 * 1024 };

struct capture_packet {
	struct view bytes; /* from the link's header on, as much of it as was captured */
	int64_t time_us;   /* since 1970; TIME_MIN: not known (base/timestamp.h) */
	uint16_t link;     /* LINKTYPE_ number: link.h */
};
