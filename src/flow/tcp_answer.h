/* tcp_answer.h - what the server says while a flow is judged: whether it took what was judged, and its greeting.
 *
 * Its first bytes are held until they tell. What overlaps in them is not looked at: the server is not who the gate
 * guards against. */
#pragma once

#include "flow/flow_internal.h"

enum tcp_answer {
	TCP_ANSWER_NONE,  /* not known yet */
	TCP_ANSWER_TAKEN, /* it took the hello that it was sent, or ended it */
	TCP_ANSWER_RETRY, /* it wants another hello */
	TCP_ANSWER_OTHER, /* it does not speak TLS */
};

/* Holds bytes that may tell. */
void tcp_answer_note(struct turn *turn, const struct tcp_segment *s);
enum tcp_answer tcp_answer_find(struct turn *turn);
/* The server spoke first. Ends the turn: the flow goes on where a client may answer by a name, else it is judged as
 * one that names nobody. */
void tcp_answer_greet(struct turn *turn);
