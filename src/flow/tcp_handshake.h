/* tcp_handshake.h - SYN and SYN-ACK of flows that are there already: sent again, with another sequence number, from
 * both ends at once, or for a new connection on the ports of an old one.
 *
 * A SYN that contradicts what is known changes nothing until the other end acknowledges it: a client cannot make
 * the gate forget a connection that its server keeps.
 * Source: RFC 9293 s3.5 and s3.10.7, RFC 7413. */
#pragma once

#include "flow/flow_internal.h"

/* Where the kernel says who opened a connection, its SYN need not come here: a SYN-ACK that answers another one than is
 * known begins a flow. It says of the client's what matters: its number, and what both agreed on. */
bool tcp_handshake_begins(const struct turn *turn, const struct tcp_segment *s);
/* `key` is that of the packet. */
void tcp_handshake_begin(struct turn *turn, const struct flow_key *key,
                         const struct tcp_segment *s);
void tcp_handshake_take(struct turn *turn, const struct tcp_segment *s);
