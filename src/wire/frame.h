/* frame.h - an Ethernet frame that carries one UDP datagram: a request to its parts, and the reply.
 *
 *	struct frame f;
 *	if (frame_parse(bytes, &f) == OK) {
 *		size_t size = answer_into(f.payload, room + f.header_size);
 *		send(room, frame_reply(&f, room, size));
 *	}
 *
 * What:    IPv4 without options and IPv6 without extension headers, never a fragment, no VLAN tag: what is
 *          not so is left to the kernel before it comes here. The reply goes back on the way that the
 *          request came: addresses and ports of all layers change places.
 * Borrows: a struct frame points into the request.
 * Fails:   ERR_MALFORMED: not such a frame, or one that nobody may answer (from or to a group, a
 *          loopback or no address, from this very one); ERR_CHECKSUM.
 * Source:  RFC 894, RFC 791, RFC 8200, RFC 768 (UDP); RFC 1122 s3.2.1.3 (addresses that are none). */
#pragma once

#include <stdint.h>

#include "base/address.h"
#include "base/err.h"
#include "base/view.h"

enum {
	FRAME_MAC_SIZE = 6,
	FRAME_SIZE_MIN = 60, /* without its check sequence: shorter ones are padded */
	FRAME_HEADER_V4 = 42,
	FRAME_HEADER_V6 = 62,
};

struct frame {
	const uint8_t *bytes;
	uint8_t header_size; /* before the payload: FRAME_HEADER_V4 or FRAME_HEADER_V6 */
	struct address source, destination;
	uint16_t source_port, destination_port;
	struct view payload;
};

int frame_parse(struct view bytes, struct frame *ret) must_check;
/* Writes the headers before the payload, which is `size` bytes at `reply + request->header_size`. Returns
 * the size of the whole; `reply` has room for that and for FRAME_SIZE_MIN, and is not the request. */
size_t frame_reply(const struct frame *request, uint8_t *reply, size_t size);
