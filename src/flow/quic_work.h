/* quic_work.h - what all QUIC flows of a thread share; for quic_flow.c and quic_answer.c only. */
#pragma once

#include "flow/quic_flow.h"

struct quic_work {
	struct quic_opener *opener;
	uint8_t frames[64 *
	               1024]; /* of the packet that is looked at: as large as a datagram can be */
	uint8_t scratch[QUIC_CRYPTO_ROOM_MAX];
};
