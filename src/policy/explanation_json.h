/* explanation_json.h - an explanation as JSON: what `writ check --json` and the daemon say of a decision. */
#pragma once

#include "base/json_writer.h"
#include "policy/explain.h"

/* Members of an object that the caller has begun; `place` is where it was judged. */
void explanation_json(const struct policy *p, const struct explanation *x, uint32_t place,
                      struct json_writer *j);
