/* units.h - numbers with units: sizes in bytes, durations and times of day in microseconds.
 *
 * What: pure functions. A number is written without sign, fraction and leading zeros, with or without
 *       a space before its unit. Printing takes the largest unit that divides the value. */
#pragma once

#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/view.h"

/* ERR_MALFORMED, or ERR_LIMIT when it does not fit. */
int units_parse_int(struct view text, int64_t *ret) must_check;
int units_parse_size(struct view text, int64_t *ret) must_check;
int units_parse_duration(struct view text, int64_t *ret) must_check;
/* `08:00`: since midnight, up to 24:00. ERR_MALFORMED. */
int units_parse_clock(struct view text, int64_t *ret) must_check;
void units_print_size(int64_t bytes, struct buffer *out);
void units_print_duration(int64_t us, struct buffer *out);
void units_print_clock(int64_t us, struct buffer *out);
