/* telemetry.h - dnstap and the query log of the dns role: both, one, or usually none.
 *
 * Owns:    the threads that write, their queues, and the workers' taps. Borrows options and counters.
 * Threads: one caller at a time. */
#pragma once

#include "base/buffer.h"
#include "gate/dns/options.h"
#include "gate/dns/stats.h"
#include "gate/dns/tap.h"

struct telemetry;

/* Takes `query_log_fd` (-1: none), also on failure. *ret is NULL when nothing is to be told. */
int telemetry_start(const struct dns_options *o, unsigned workers, int query_log_fd,
                    struct dns_stats *stats, struct telemetry **ret) must_check;
/* One a worker; NULL when nothing is told. */
struct tap *const *telemetry_taps(const struct telemetry *t);
/* Takes the file that the query log goes to from here on. */
void telemetry_reopen(struct telemetry *t, int query_log_fd);
/* After the gate has ended. NULL is fine. */
void telemetry_stop(struct telemetry *t);
DEFINE_CLEANUP(telemetry, struct telemetry *, telemetry_stop);
