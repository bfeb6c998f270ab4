/* ask.h - one question to the running instance that the settings name. */
#pragma once

#include <jansson.h>

#include "cmd/args.h"
#include "daemon/control.h"

/* Returns 0 with the answer (json_decref it), or an exit status after it said what is wrong. An answer
 * that says no is printed and is its exit status. `ret_line` may be NULL. */
int ask_instance(const struct args *a, enum control_verb verb, json_t **ret,
                 struct buffer *ret_line);
/* The same for a request with arguments. */
int ask_request(const struct args *a, const struct control_request *request, json_t **ret,
                struct buffer *ret_line);
