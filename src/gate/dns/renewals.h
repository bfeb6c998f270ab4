/* renewals.h - questions that are to be asked again with nobody waiting, each at its moment.
 *
 * What:    a heap of a fixed size. The same question may be in it more than once. Pure; the clock is the
 *          caller's.
 * Units:   microseconds.
 * Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "wire/dns_message.h"

enum { RENEWALS_MAX = 1024 };
#define RENEWALS_NEVER INT64_MAX

struct renewals;

/* -ENOMEM. */
int renewals_new(struct renewals **ret) must_check;
void renewals_free(struct renewals *r);
DEFINE_CLEANUP(renewals, struct renewals *, renewals_free);

/* False when it is full. */
bool renewals_add(struct renewals *r, const struct dns_question *question, int64_t at_us);
/* When the next is due; RENEWALS_NEVER when there is none. */
int64_t renewals_next_us(const struct renewals *r);
/* Takes out the next, if it is due. */
bool renewals_take(struct renewals *r, int64_t now_us, struct dns_question *ret);
