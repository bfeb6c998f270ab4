/* decimal.h - reads a number that is written in digits only: no sign, no white space.
 *
 * Fails:   ERR_MALFORMED.
 * Limits:  DECIMAL_DIGITS_MAX digits. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { DECIMAL_DIGITS_MAX = 19 };

/* From one digit to `digits_max`, leading zeros among them. */
int decimal_parse(struct view text, size_t digits_max, uint64_t *ret) must_check;
