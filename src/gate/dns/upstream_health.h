/* upstream_health.h - how well each server answers, and which one is asked next.
 *
 * What:    pure; the clock is the caller's. Round-trip times are smoothed as TCP does it. A server that
 *          leaves HEALTH_LATES_MAX questions in a row unanswered for HEALTH_DOWN_AFTER_US is down: it is
 *          left alone for a while that doubles each time, and then one question probes it, beside a
 *          server that is up. When all are down they take turns.
 *          A server that has not been measured for HEALTH_STALE_US gets one question, to be measured.
 * Units:   microseconds.
 * Source:  RFC 6298 s2 (smoothing). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HEALTH_GROUP_MAX = 16, /* servers that serve the same zone */
	HEALTH_LATES_MAX = 4,
	HEALTH_DOWN_AFTER_US = 500000,
	HEALTH_STALE_US = 60 * 1000000,
	HEALTH_PATIENCE_MIN_US = 50000,
	HEALTH_PATIENCE_MAX_US = 2000000,
	HEALTH_RTT_UNKNOWN_US = 100000,
	HEALTH_PAUSE_MIN_US = 1000000,
	HEALTH_PAUSE_MAX_US = 60 * 1000000,
};

/* All zero: never asked. */
struct health {
	int64_t rtt_us, spread_us; /* smoothed; `rtt_us` of 0: not measured */
	int64_t measured_us;       /* when it was asked for the sake of measuring, or answered */
	uint32_t lates;            /* in a row */
	int64_t late_since_us;     /* the first of them */
	bool is_down;
	int64_t again_us, pause_us; /* while it is down */
};

void health_answered(struct health *h, int64_t took_us, int64_t now_us);
/* It did not answer within its usual time. */
void health_late(struct health *h, int64_t now_us);
/* Its port is closed, or its connection broke: down at once. */
void health_broken(struct health *h, int64_t now_us);
/* How long it usually takes at most: over it another one is asked as well. */
int64_t health_patience(const struct health *h);

/* The place in `group`, which has row numbers of `servers`, of the best one, without those whose bit is
 * set in `except`; -1 when none is left. */
int health_pick(struct health *servers, const uint16_t *group, size_t count, uint32_t except,
                int64_t now_us);
/* The place of one that is down and may be tried again; -1 when there is none. */
int health_probe(struct health *servers, const uint16_t *group, size_t count, uint32_t except,
                 int64_t now_us);
