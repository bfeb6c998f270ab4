/* line_sift_private.h - for the files of line_sift.h only. */
#pragma once

#include "audit/line_ends.h"
#include "audit/line_sift.h"
#include "base/inline.h"

enum { LINE_SIFT_GROUP = 8 };

/* A byte for each end: whether it is to be looked at again. Reads and writes whole groups. */
typedef void line_look_function(const struct line_sift *s, const uint32_t *ends, uint32_t count,
                                uint8_t *ret_may);

/* Both looks. */
uint32_t line_sift_by(line_look_function *look, const struct line_sift *s, uint32_t *ends,
                      uint32_t count, uint32_t *ret_seconds);
