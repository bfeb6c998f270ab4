/* capture_found.h - the flows of a capture that carry what is looked for, and how much.
 *
 * Owns:    capture_found_init() allocates all.
 * Limits:  `flows`; of those beyond nothing is counted.
 * Threads: one a struct. */
#pragma once

#include "finding/findings.h"

struct capture_found_flow {
	uint64_t hash; /* of the flow */
	bool is_used;
	struct verdict verdict;
	uint32_t place;
	struct address client;
	int64_t last_us;
	uint64_t bytes_up, bytes_down;
};

struct capture_found {
	struct capture_found_flow *slots; /* open addressing, twice as many as there may be */
	uint32_t mask, count, count_max;
};

int capture_found_init(struct capture_found *f, uint32_t flows) must_check; /* a power of two */
void capture_found_done(struct capture_found *f);
/* NULL: it is not there. */
struct capture_found_flow *capture_found_get(struct capture_found *f, uint64_t hash);
/* A new one, zeroed; or the one that is there. NULL: there is no room. */
struct capture_found_flow *capture_found_add(struct capture_found *f, uint64_t hash);
/* Adds what flows carried to their findings, which have their count already. Once. */
int capture_found_finish(const struct capture_found *f, struct findings *findings,
                         uint32_t source) must_check;
