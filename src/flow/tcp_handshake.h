/* tcp_handshake.h - SYN and SYN-ACK of flows that are there already: sent again, with another sequence number, from
 * both ends at once, or for a new connection on the ports of an old one.
 *
 * A SYN that contradicts what is known changes nothing until the other end acknowledges it: a client cannot make
 * the gate forget a connection that its server keeps.
 * Source: RFC 9293 s3.5 and s3.10.7, RFC 7413. */
#pragma once

#include "flow/flow_internal.h"

void tcp_handshake_take(struct turn *turn, const struct tcp_segment *s);
