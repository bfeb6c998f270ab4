/* aggregate.h - merges events that are alike, so that a chatty program is one entry a minute.
 *
 * What:    pure; time comes in. Alike: the same in everything but time, reference, bytes and duration.
 *          The first goes out at once (somebody may be waiting to see it), those after it within the window
 *          are counted, their bytes and durations added up, and go out as one when the window ends.
 * Limits:  `size_max` kinds of event at once; when full, the one that began first is sent out early.
 * Owns:    its table, allocated once.
 * Threads: one. */
#pragma once

#include "record/event.h"

#define AGGREGATE_WINDOW_US INT64_C(60000000)

struct aggregate;

/* An event that happened `count` times, first at record->time_us; 0 times: the record only adds to the sums
 * of what went out before. */
typedef void aggregate_fn(void *context, const struct event_record *record, int64_t count,
                          int64_t last_us);

/* `seed` is random: gates' clients choose what is put into the table. NULL: no memory. */
struct aggregate *aggregate_new(size_t size_max, int64_t window_us, uint64_t seed,
                                aggregate_fn *emit, void *context);
void aggregate_free(struct aggregate *aggregate);

/* `now_us` never runs back; record->time_us, of the gate's clock, may. */
void aggregate_add(struct aggregate *aggregate, const struct event_record *record, int64_t now_us);
/* Sends out what began `window_us` before `now_us` or earlier. */
void aggregate_expire(struct aggregate *aggregate, int64_t now_us);
/* Sends out everything, as before stopping. */
void aggregate_flush(struct aggregate *aggregate);
/* When aggregate_expire() will next have something to do; INT64_MAX: nothing is held. */
int64_t aggregate_next_us(const struct aggregate *aggregate);
