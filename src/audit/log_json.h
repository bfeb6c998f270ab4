/* log_json.h - one JSON object a line: its members by their paths, dns.rrname for {"dns":{"rrname":...}}.
 *
 * What:    a walk that keeps nothing. Elements of arrays have the path of their array; of those that have a name and
 *          a value, a.b.x is the value of the one named x in a.b. Text is unescaped into the reader's scratch memory
 *          where it has escapes.
 * Limits:  LOG_JSON_DEPTH levels, LOG_JSON_PATH bytes of path.
 * Fails:   ERR_MALFORMED when it is no object.
 * Source:  RFC 8259. */
#pragma once

#include "audit/log_kind.h"

enum { LOG_JSON_DEPTH = 16, LOG_JSON_PATH = 128 };

/* A log_parse_function: members that kind->keys names; ERR_MALFORMED unless kind->needs are all there. */
int log_json_parse(const struct log_kind *kind, struct log_state *state, struct view line,
                   struct log_record *ret);
