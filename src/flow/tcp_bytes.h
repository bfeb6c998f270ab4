/* tcp_bytes.h - segments of a connection: what its client said is judged as it grows, until its server has it all.
 *
 * Each ends the turn. */
#pragma once

#include "flow/flow_internal.h"

void tcp_bytes_take_client(struct turn *turn, const struct tcp_segment *s);
void tcp_bytes_take_server(struct turn *turn, const struct tcp_segment *s);
/* Bytes of the client that an end host may take, also those of a SYN: they begin at s->sequence. */
void tcp_bytes_take(struct turn *turn, const struct tcp_segment *s);
