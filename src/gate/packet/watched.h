/* watched.h - flows that an event was written of, until they have ended and it is known how much they carried.
 *
 * What:    remembers each event of a flow, so that the same is written once however often the flow is judged,
 *          and gives the first back when the flow has ended: what it carried is told of that one, so no byte
 *          counts twice.
 * Owns:    its rows, allocated once.
 * Limits:  WATCHED_ROWS events; a new one takes the place of the oldest of WATCHED_WAYS. What a flow carried
 *          whose row went this way is not told. An alike event is news again when the last one was WATCHED_SAME_US
 *          ago.
 * Threads: any: workers share one table, since the kernel says in one place that a flow has ended. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "flow/flow_key.h"
#include "record/event.h"

enum { WATCHED_ROWS = 1 << 14, WATCHED_WAYS = 8, WATCHED_SAME_US = 60 * 1000000 };

struct watched;

int watched_new(uint64_t seed, struct watched **ret) must_check;
void watched_free(struct watched *w);
DEFINE_CLEANUP(watched, struct watched *, watched_free);

enum watched_news {
	WATCHED_KNOWN, /* the flow has an event just like it */
	WATCHED_NEW,
	WATCHED_NEW_FOR_OLD, /* and another flow's row went for it */
};
/* `event` without its time. */
enum watched_news watched_add(struct watched *w, const struct flow_key *key,
                              const struct event_record *event, int64_t now_us);
/* Whether the flow has any event. */
bool watched_has(struct watched *w, const struct flow_key *key);
/* Forgets the flow and gives its first event; false when there is none. */
bool watched_take(struct watched *w, const struct flow_key *key, struct event_record *ret);
