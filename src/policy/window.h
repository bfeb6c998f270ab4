/* window.h - whether a window of time is open at an instant.
 *
 * What:    an instant becomes local time by the clock changes in the image, so a window keeps to the wall
 *          clock through summer time: what the clocks leave out is not in it, what they repeat is in it twice.
 *          Windows without rows are always open. Pure. */
#pragma once

#include "policy/policy.h"

bool window_is_open(const struct policy *p, uint32_t first, uint32_t count, int64_t at_us);
