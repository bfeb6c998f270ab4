/* mark.h - what a connection's mark says of a flow that was judged: two bits of it, the others are let be.
 *
 * The role puts them on the packet with its verdict; a rule of ours (rules.h) copies them into the connection,
 * and other rules of ours act by them, so that a judged flow costs no more than a rule. */
#pragma once

#include <stdint.h>

#include "flow/flow.h"

enum packet_mark {
	PACKET_MARK_NONE,
	PACKET_MARK_RELEASED, /* passes; but UDP with a long QUIC header is judged again */
	PACKET_MARK_REFUSED,  /* dropped, TCP with a reset to the client */
	PACKET_MARK_WATCHED,  /* what the server sends passes, what the client sends is judged */
};

/* `mask` has two bits beside each other. */
static inline uint32_t packet_mark_bits(uint32_t mask, enum packet_mark mark)
{
	return (mask & -mask) * (uint32_t)mark;
}
