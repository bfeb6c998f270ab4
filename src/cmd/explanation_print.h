/* explanation_print.h - an explanation in words. */
#pragma once

#include <stdio.h>

#include "policy/explain.h"

/* `what` is the act in words: "name chat.example"; `place` is where it was judged. */
void explanation_print(const struct policy *p, const struct explanation *x, const char *what,
                       uint32_t place, FILE *out);
