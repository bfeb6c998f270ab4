/* result_table.h - a result for people: findings, sources, and what both come to in sentences. */
#pragma once

#include <stdio.h>

#include "finding/result.h"

void result_table_print(const struct result *r, FILE *out);
