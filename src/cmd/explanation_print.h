/* explanation_print.h - an explanation in words, and as JSON. */
#pragma once

#include <stdio.h>

#include "base/json_writer.h"
#include "policy/explain.h"

/* `what` is the act in words: "name chat.example"; `place` is where it was judged. */
void explanation_print(const struct policy *p, const struct explanation *x, const char *what,
                       uint32_t place, FILE *out);
/* Members of an object that the caller has begun. */
void explanation_json(const struct policy *p, const struct explanation *x, uint32_t place,
                      struct json_writer *j);
