/* stats.h - what the gate counts, in memory that it shares with the parent.
 *
 * What:    one row a counter: dns_counters[] names and explains it, and whoever shows counters walks it.
 * Threads: one writer a counter: its worker, or for what is written down of queries, in the first
 *          worker's, the thread that writes; anybody may read at any time.
 * To add a counter: one constant here, one row in stats.c. */
#pragma once

#include "base/counter.h"
#include "base/histogram.h"
#include "record/tally.h"

enum dns_counter {
	DNS_QUERIES_UDP,
	DNS_QUERIES_XDP,
	DNS_QUERIES_TCP,
	DNS_QUERIES_TLS,
	DNS_QUERIES_HTTPS,
	DNS_BLOCKED,
	DNS_OBSERVED,
	DNS_CANARIES,
	DNS_DESIGNATED,
	DNS_UNSERVED,
	DNS_LIMIT_TRUNCATED,
	DNS_LIMIT_DROPPED,
	DNS_LIMIT_CLIENT,
	DNS_LIMIT_MISSES,
	DNS_COOKIES_BELIEVED,
	DNS_COOKIES_DEMANDED,
	DNS_MALFORMED_SILENT,
	DNS_MALFORMED_FORMERR,
	DNS_MALFORMED_NOTIMP,
	DNS_MALFORMED_BADVERS,
	DNS_MALFORMED_CUT,
	DNS_NOT_OFFERED,
	DNS_CACHE_HITS,
	DNS_CACHE_MISSES,
	DNS_CACHE_STALE,
	DNS_CACHE_RENEWALS,
	DNS_CACHE_RENEWALS_FULL,
	DNS_CACHE_ENTRIES,
	DNS_CACHE_BYTES,
	DNS_CACHE_BYTES_USED,
	DNS_CACHE_EVICTED,
	DNS_COALESCED,
	DNS_PENDING_FULL,
	DNS_TIMEOUTS,
	DNS_UPSTREAM_QUERIES,
	DNS_UPSTREAM_FAILURES,
	DNS_UPSTREAM_MALFORMED,
	DNS_UPSTREAM_IN_FLIGHT,
	DNS_UPSTREAM_STRANGE,
	DNS_UPSTREAM_DENIED,
	DNS_FORWARD_UDP,
	DNS_FORWARD_STREAM,
	DNS_RELAY_REFUSED,
	DNS_ECH_STRIPPED,
	DNS_SERVFAIL,
	DNS_TRUNCATED,
	DNS_SEND_FAILED,
	DNS_EVENTS,
	DNS_EVENTS_LOST,
	DNS_TCP_CONNECTIONS,
	DNS_TCP_OPENED,
	DNS_TCP_TURNED_AWAY,
	DNS_TCP_IDLE,
	DNS_TCP_DISPLACED,
	DNS_TCP_SLOW,
	DNS_TCP_MALFORMED,
	DNS_DNSTAP_CONNECTED,
	DNS_DNSTAP_FRAMES,
	DNS_DNSTAP_DROPPED,
	DNS_DNSTAP_LOST,
	DNS_QUERY_LOG_LINES,
	DNS_QUERY_LOG_DROPPED,
	DNS_QUERY_LOG_FAILS,
	DNS_TLS_CONNECTIONS,
	DNS_TLS_OPENED,
	DNS_TLS_TURNED_AWAY,
	DNS_TLS_IDLE,
	DNS_TLS_DISPLACED,
	DNS_TLS_SLOW,
	DNS_TLS_MALFORMED,
	DNS_HTTPS_CONNECTIONS,
	DNS_HTTPS_OPENED,
	DNS_HTTPS_TURNED_AWAY,
	DNS_HTTPS_IDLE,
	DNS_HTTPS_DISPLACED,
	DNS_HTTPS_SLOW,
	DNS_HTTPS_MALFORMED,
	DNS_HANDSHAKES,
	DNS_HANDSHAKES_RESUMED,
	DNS_HANDSHAKES_FAILED,
	DNS_PROXY_REFUSED,
	DNS_COUNTERS
};

extern const struct counter_row dns_counters[DNS_COUNTERS];
extern const int64_t dns_time_bounds_us[HISTOGRAM_BOUNDS];

struct dns_stats {
	counter counts[DNS_COUNTERS];
	struct histogram upstream; /* how long it took to answer, by dns_time_bounds_us[] */
	struct tally tally;
} __attribute__((aligned(64)));

static inline void dns_count_by(struct dns_stats *s, enum dns_counter which, int64_t by)
{
	counter_add(&s->counts[which], by);
}

static inline void dns_count(struct dns_stats *s, enum dns_counter which)
{
	counter_add(&s->counts[which], 1);
}

static inline void dns_count_set(struct dns_stats *s, enum dns_counter which, uint64_t value)
{
	counter_set(&s->counts[which], value);
}

static inline uint64_t dns_counted(const struct dns_stats *s, enum dns_counter which)
{
	return counter_get(&s->counts[which]);
}

/* Of all workers together. */
uint64_t dns_counted_all(const struct dns_stats *of_each, unsigned workers, enum dns_counter which);
