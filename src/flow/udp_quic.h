/* udp_quic.h - datagrams of flows that may be QUIC: what their clients said is judged until the servers have it.
 *
 * Each of the first three ends the turn.
 * Owns:    rooms for what flows hold, a part of limits.held_bytes beside the pool: udp_init() allocates them. */
#pragma once

#include "flow/flow_internal.h"

/* The first datagram of a flow that was just made. */
void udp_quic_begin(struct turn *turn, struct view payload);
void udp_quic_client(struct turn *turn, struct view payload);
void udp_quic_server(struct turn *turn, struct view payload);

/* A long header; the bit behind may be greased (RFC 9287). */
bool udp_quic_is_long(struct view payload);
/* No DNS message is taken for one: where the last byte of a version is, which is not 0 in those that are known, it has the
 * first of its count of questions. */
bool udp_quic_is_known(struct view payload);
