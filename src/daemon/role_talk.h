/* role_talk.h - what every role says to its parent, and how it fails. */
#pragma once

#include "base/json_writer.h"
#include "daemon/control_request.h"
#include "daemon/exit_status.h"
#include "daemon/protocol.h"

/* Logs the sentence, tells the parent, returns the status: `return role_fail(...)` ends a role. */
enum exit_status role_fail(int parent, enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Receives a message of the parent's. ERR_MISSING when the parent is gone, ERR_MALFORMED for anything that
 * it may not send. */
int role_receive(int parent, struct message *ret) must_check;

/* Appends members to an object that is begun that says `ok`. False: no answer to this verb, and
 * nothing was appended. */
typedef bool role_answer_fn(void *context, const struct control_request *request,
                            struct json_writer *j);
/* Takes a MESSAGE_ASK and sends its reply: {"ok":true,...}. Fails only when the parent cannot be told. */
int role_answer(int parent, const struct message *m, role_answer_fn *answer,
                void *context) must_check;
