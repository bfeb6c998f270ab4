/* quic_frames.h - walks the frames of an Initial packet that was opened.
 *
 * What:    quic_frame_next() takes one frame after the other off the front of `rest`; runs of padding are
 *          one frame. Only frames that an Initial may carry are read.
 * Owns:    nothing; `data` points into the bytes.
 * Fails:   ERR_MALFORMED: a frame that an Initial may not carry, or one that does not end in the packet.
 *          ERR_MISSING: no frame is left. `rest` is where it was.
 * Source:  RFC 9000 s12.4 table 3, s19. */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum quic_frame_type {
	QUIC_FRAME_PADDING = 0x00,
	QUIC_FRAME_PING = 0x01,
	QUIC_FRAME_ACK = 0x02,
	QUIC_FRAME_ACK_ECN = 0x03,
	QUIC_FRAME_CRYPTO = 0x06,
	QUIC_FRAME_CLOSE = 0x1c, /* CONNECTION_CLOSE of QUIC itself */
};

struct quic_frame {
	enum quic_frame_type type;
	uint64_t
		offset; /* CRYPTO: of the data in its stream; offset + size is at most QUIC_VALUE_MAX */
	uint64_t error;   /* CLOSE */
	struct view data; /* CRYPTO; CLOSE: the reason */
};

int quic_frame_next(struct view *rest, struct quic_frame *ret) must_check;
