/* ask.h - one question to the running instance that the settings name. */
#pragma once

#include <jansson.h>

#include "cmd/args.h"
#include "daemon/control.h"

/* Returns 0 with the answer (json_decref it), or an exit status after it said what is wrong. An answer
 * that says no is printed and is its exit status. `ret_line` may be NULL. */
int ask_instance(const struct args *a, const struct control_request *request, json_t **ret,
                 struct buffer *ret_line);
/* The same for a verb without arguments. */
int ask_verb(const struct args *a, enum control_verb verb, json_t **ret, struct buffer *ret_line);
/* Shows such an answer: as it came with --json, else by `print`. Frees the line. Returns an exit status. */
int ask_show(const struct args *a, const json_t *answer, struct buffer *line,
             void (*print)(const json_t *answer));
/* Asks, and shows the answer. Returns the exit status. */
int ask_and_show(const struct args *a, const struct control_request *request,
                 void (*print)(const json_t *answer));
/* Sets an argument of the request from what was given; NULL is nothing. Returns 0, or EXIT_STATUS_USAGE after
 * it said what was expected. */
int ask_argument(const struct args *a, struct control_request *request,
                 enum control_argument argument, const char *text);
