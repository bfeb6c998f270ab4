/* mark.h - the gate's own bits of packet and connection marks: four beside each other, the others are let be.
 *
 *            of a packet, up to the queue   of a packet, from the role on    of a connection
 *   none     not for us                     nothing new is decided           nothing is decided yet
 *   open     -                              what the connection becomes      all its packets come
 *   queued   to be queued                   passed without being judged      -
 *   others   -                              what the connection becomes      what was decided
 *
 * The role puts them on the packet with its verdict; a rule of ours (rules.h) copies them into the connection,
 * and other rules of ours act by them, so that a judged flow costs no more than a rule. A refused packet too is
 * to be accepted by the role, with its mark: the rule that marks the connection drops it.
 *
 * Of a TCP connection with the mark `none` what bears no bytes does not come: the client's SYN, and its segments that only
 * acknowledge. A SYN with bytes makes it `open`: whether the server took those is seen by all that follows. */
#pragma once

#include <stdint.h>

#include "flow/flow.h"

enum packet_mark {
	PACKET_MARK_NONE,
	/* passes; until a SYN, or UDP with the long header of a QUIC version that is known: that is judged again */
	PACKET_MARK_RELEASED,
	PACKET_MARK_REFUSED, /* dropped, TCP with a reset to the client; until the same */
	/* what the server sends passes, what the client sends with bytes is judged */
	PACKET_MARK_WATCHED,
	/* as `none`, and a ServerHello of the server's releases it; what else it sends with bytes makes it `open` */
	PACKET_MARK_AWAITED,
	PACKET_MARK_OPEN,
	PACKET_MARK_QUEUED,
	PACKET_MARK_QUEUED_REPLY, /* the same; the kernel knows it as sent by who did not open the connection */
	/* Beside one of those up to `awaited`, with |: at its end the kernel tells how much went by (net/conntrack.h). */
	PACKET_MARK_COUNTED,
	PACKET_MARK_ANSWERED =
		PACKET_MARK_OPEN | PACKET_MARK_COUNTED, /* of a packet: it is dropped, too */
	/* the two that are queued, where the connection is awaited */
	PACKET_MARK_QUEUED_AWAITED = PACKET_MARK_QUEUED | PACKET_MARK_COUNTED,
	PACKET_MARK_QUEUED_AWAITED_REPLY = PACKET_MARK_QUEUED_REPLY | PACKET_MARK_COUNTED,
};

/* `mask` has four bits beside each other. */
static inline uint32_t packet_mark_bits(uint32_t mask, enum packet_mark mark)
{
	return (mask & -mask) * (uint32_t)mark;
}

/* What is to be given with a verdict, for a packet that came with the mark `old`. */
static inline uint32_t packet_mark_put(uint32_t mask, uint32_t old, enum packet_mark mark)
{
	return (old & ~mask) | packet_mark_bits(mask, mark);
}
