/* packet_ask.h - what the packet role answers to requests of the control socket: flows under judgement.
 *
 * What:    runs in the role's main thread; each worker is asked for a bounded slice between two batches.
 * Limits:  PACKET_ASK_FLOWS_MAX flows an answer. */
#pragma once

#include "daemon/control_request.h"
#include "gate/packet/gate.h"
#include "net/message.h"

enum { PACKET_ASK_FLOWS_MAX = 10000 };

struct packet_ask {
	struct packet_gate *gate;
	unsigned workers;
};

/* Takes a MESSAGE_ASK and sends its reply. Fails only when the parent cannot be told. */
int packet_ask_answer(int parent, struct packet_ask *ask, const struct message *m) must_check;
