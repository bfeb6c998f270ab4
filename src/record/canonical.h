/* canonical.h - reads JSON that must be in its one canonical form.
 *
 * What:    pure functions without allocation. Not a JSON parser: anything that RFC 8785 would write
 *          otherwise is refused at its byte, so equal values have equal bytes. Narrower than the RFC
 *          in two ways: numbers are integers within +-(2^53 - 1), and keys are ASCII without escapes.
 * Limits:  CANONICAL_DEPTH_MAX.
 * Source:  RFC 8785, RFC 8259. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/view.h"

enum { CANONICAL_DEPTH_MAX = 8 };
#define CANONICAL_INT_MAX INT64_C(9007199254740991)

/* OK when all of `json` is one canonical value; ERR_MALFORMED with the offset of the first byte that
 * cannot be part of one. */
int canonical_check(struct view json, size_t *ret_offset) must_check;

/* The rest is for values that canonical_check() has passed. */

/* Reads the next member of an object. Start with `rest` the object; false after the last member. */
bool canonical_next(struct view *rest, struct view *ret_key, struct view *ret_value);
/* False when the object has no such member. */
bool canonical_find(struct view object, const char *key, struct view *ret_value);
/* An unescaped, NUL-terminated copy of a string value; NULL for another type or U+0000 inside. */
char *canonical_text(struct view value, struct arena *arena);
/* False when the value is no integer. */
bool canonical_int(struct view value, int64_t *ret);
