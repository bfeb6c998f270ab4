/* dns_ask.h - what the dns role answers to requests of the control socket.
 *
 * What:    runs in the role's main thread, one request at a time; what concerns a worker's own is done in its
 *          thread as a job (gate/dns/job.h). The answer is JSON, as of every verb: {"ok":true,...}.
 * To add a verb: a row in dns_ask.c and a function in a file of its own. */
#pragma once

#include "base/json_writer.h"
#include "daemon/control_request.h"
#include "gate/dns/gate.h"
#include "net/message.h"

struct dns_ask {
	const struct control_request *request;
	struct dns_gate *gate;
	const struct policy *policy;   /* in force */
	const struct dns_stats *stats; /* one a worker */
	unsigned workers;
};

/* Takes a MESSAGE_ASK and sends its reply. Fails only when the parent cannot be told. */
int dns_ask_answer(int parent, struct dns_ask *ask, const struct message *m) must_check;

/* Each appends members to an object that is begun. */
void dns_ask_cache(const struct dns_ask *ask, struct json_writer *j);
void dns_ask_flush(const struct dns_ask *ask, struct json_writer *j);
void dns_ask_query(const struct dns_ask *ask, struct json_writer *j);
void dns_ask_top_begin(const struct dns_ask *ask, struct json_writer *j);
void dns_ask_top(const struct dns_ask *ask, struct json_writer *j);
void dns_ask_upstreams(const struct dns_ask *ask, struct json_writer *j);
