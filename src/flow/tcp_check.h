/* tcp_check.h - what each end of a TCP connection would accept, as far as the packets of both show it.
 *
 * What:    pure functions over the two ends of a flow. The server's packets are believed: they come from outside of
 *          whom the gate watches.
 * Source:  RFC 9293 s3.10.7, RFC 7323 s5 (PAWS), RFC 5961 s5 (acknowledgements), RFC 2385 s3. */
#pragma once

#include "flow/slots.h"
#include "wire/ip.h"
#include "wire/tcp.h"

enum tcp_check {
	TCP_CHECK_NEW,    /* it may bring bytes that the server has not */
	TCP_CHECK_NO_NEW, /* an end host takes no byte from it */
	TCP_CHECK_DROP,   /* no end host accepts it: `ret_why` */
};

/* Flags that no segment of a connection has together. */
bool tcp_has_strange_flags(const struct tcp_segment *s);
/* A segment of the client, no SYN. */
enum tcp_check tcp_check_client(const struct flow *f, const struct tcp_segment *s,
                                enum flow_why *ret_why);
/* Takes over what a segment, which was not dropped, says of both ends. */
void tcp_note(struct tcp_side *from, struct tcp_side *to, const struct tcp_segment *s);
/* The same for the first segment of an end. */
void tcp_note_syn(struct tcp_side *from, const struct tcp_segment *s, uint8_t hops);
