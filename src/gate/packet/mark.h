/* mark.h - the gate's own bits of packet and connection marks: three beside each other, the others are let be.
 *
 *            of a packet, up to the queue   of a packet, from the role on    of a connection
 *   none     not for us                     nothing is decided yet           nothing is decided yet
 *   counted  to be queued                   passed without being judged      -
 *   others   -                              what the connection becomes      what was decided
 *
 * The role puts them on the packet with its verdict; a rule of ours (rules.h) copies them into the connection,
 * and other rules of ours act by them, so that a judged flow costs no more than a rule. A refused packet too is
 * to be accepted by the role, with its mark: the rule that marks the connection drops it. */
#pragma once

#include <stdint.h>

#include "flow/flow.h"

enum packet_mark {
	PACKET_MARK_NONE,
	PACKET_MARK_RELEASED, /* passes; until a SYN, or UDP with a long QUIC header: that is judged again */
	PACKET_MARK_REFUSED, /* dropped, TCP with a reset to the client; until the same */
	/* what the server sends passes, what the client sends is judged; until a packet of the client passes
	 * without a mark: then both come again */
	PACKET_MARK_WATCHED,
	/* Beside one of the above, with |: at its end the kernel tells how much went by (net/conntrack.h). */
	PACKET_MARK_COUNTED,
};

/* `mask` has three bits beside each other. */
static inline uint32_t packet_mark_bits(uint32_t mask, enum packet_mark mark)
{
	return (mask & -mask) * (uint32_t)mark;
}

/* What is to be given with a verdict, for a packet that came with the mark `old`. */
static inline uint32_t packet_mark_put(uint32_t mask, uint32_t old, enum packet_mark mark)
{
	return (old & ~mask) | packet_mark_bits(mask, mark);
}
