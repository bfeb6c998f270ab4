/* tcp_greet.h - the end that was connected to speaks first.
 *
 * A server's greeting, or the beginning of what a client says in TLS: then it is judged as the client, whoever opened the
 * connection. Ends the turn. */
#pragma once

#include "flow/flow_internal.h"

void tcp_greet(struct turn *turn, const struct tcp_segment *s);
