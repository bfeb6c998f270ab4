/* dnstap_sink.h - the thread that sends told queries to a reader of dnstap.
 *
 * What:    a reader that is not there is tried again every second; meanwhile the queues hold what they can.
 *          One that reads slowly is waited for. What finds no room in the queues is dropped and counted there.
 * Owns:    its queues and its connection. Borrows options and counters.
 * Threads: made and ended by one; works in its own. */
#pragma once

#include "daemon/drain.h"
#include "gate/dns/stats.h"
#include "gate/dns/tap_options.h"

struct dnstap_sink;

int dnstap_sink_start(const struct dnstap_options *o, size_t workers, struct dns_stats *stats,
                      struct dnstap_sink **ret) must_check;
struct tap_queue *dnstap_sink_queue(const struct dnstap_sink *s, size_t worker);
/* Sends what is there, if that is soon done. NULL is fine. */
void dnstap_sink_stop(struct dnstap_sink *s);
