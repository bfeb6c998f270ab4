/* problems.h - prints what is wrong in people's files, on stderr. */
#pragma once

#include "base/problem.h"

/* One line each: `file:line:column: what, what was expected`; then how many were not shown. Frees. */
void problems_print(struct problems *p, const char *kind);
