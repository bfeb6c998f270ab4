/* control.h - the socket on which commands ask the parent.
 *
 * What:    a stream socket in the run directory; a client sends one line (control_request.h) and gets one
 *          line of JSON, after which the connection is closed.
 * Trust:   root and the parent's own user only (SO_PEERCRED; the file has mode 0600).
 * Limits:  CONTROL_CLIENTS_MAX connections, CONTROL_REQUEST_MAX bytes, CONTROL_WAIT_MS until the line is
 *          there; who is over a limit is closed.
 * Threads: the loop's. */
#pragma once

#include <stdint.h>
#include <sys/un.h>
#include <uv.h>

#include "base/buffer.h"
#include "base/err.h"
#include "daemon/control_request.h"

enum { CONTROL_CLIENTS_MAX = 16, CONTROL_WAIT_MS = 10000 };

struct control;

/* `client` is for control_answer(), now or later; `line` is the request as it came. `who` is the user's name
 * or number: for the log. */
typedef void control_fn(void *context, uint64_t client, const struct control_request *request,
                        struct view line, const char *who);

int control_open(uv_loop_t *loop, const char *run_directory, control_fn *handle, void *context,
                 struct control **ret) must_check;
/* Sends the JSON, which it takes, and closes; does nothing but free it when the client is gone. */
void control_answer(struct control *c, uint64_t client, struct buffer *json);
/* Answers with the status and nothing more. */
void control_answer_status(struct control *c, uint64_t client, int status);
/* Answers {"ok":false,...} with one sentence. */
void control_refuse(struct control *c, uint64_t client, int status, const char *sentence);
/* Removes the socket. Memory is freed once the loop has run its closing callbacks. */
void control_close(struct control *c);

int control_address(const char *run_directory, struct sockaddr_un *ret) must_check;

/* The client's side: asks and waits. ERR_MISSING when no instance answers there; -errno, ERR_LIMIT.
 * Appends the answer's line. */
int control_ask(const char *run_directory, const struct control_request *request, int timeout_ms,
                struct buffer *ret) must_check;
