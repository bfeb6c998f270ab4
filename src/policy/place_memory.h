/* place_memory.h - the places of clients that were seen lately, so that a busy one is looked up once.
 *
 * What:    policy_place_of() with a memory in front of it. For one policy: place_memory_clear() when another
 *          comes. Pure.
 * Limits:  PLACE_MEMORY_ROWS clients; a newer one takes the place of another.
 * Threads: one. */
#pragma once

#include <stdint.h>

#include "policy/policy.h"

enum { PLACE_MEMORY_ROWS = 256 };

struct place_memory {
	struct {
		struct address client;
		uint32_t place;
	} rows[PLACE_MEMORY_ROWS];
};

void place_memory_clear(struct place_memory *m);
/* `seed` is drawn at start: nobody outside can aim at one row. */
uint32_t place_memory_find(struct place_memory *m, const struct policy *policy,
                           const struct address *client, uint64_t seed);
