/* wheel.h - one deadline for each of many rows, set and cleared at a cost that does not grow.
 *
 * What:    a hashed timing wheel: a deadline is met at most WHEEL_TICK_US late. Pure; the clock is the
 *          caller's and does not go back.
 * Units:   microseconds.
 * Source:  Varghese and Lauck, Hashed and Hierarchical Timing Wheels, 1987, scheme 6. */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

enum { WHEEL_TICK_US = 4096, WHEEL_SLOTS = 1024 };
#define WHEEL_NONE UINT32_MAX

struct wheel;

/* -ENOMEM. */
int wheel_new(uint32_t rows, int64_t now_us, struct wheel **ret) must_check;
void wheel_free(struct wheel *w);
DEFINE_CLEANUP(wheel, struct wheel *, wheel_free);

/* In place of the row's former deadline, if it has one. */
void wheel_set(struct wheel *w, uint32_t row, int64_t at_us);
void wheel_clear(struct wheel *w, uint32_t row);
/* Takes out a row whose deadline is over; WHEEL_NONE when there is none any more. */
uint32_t wheel_expired(struct wheel *w, int64_t now_us);
