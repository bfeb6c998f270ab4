/* random_pool.h - unguessable bytes, many for one system call.
 *
 * Threads: one a pool. Bytes are given out once and wiped. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { RANDOM_POOL_SIZE = 4096 };

/* All zero is an empty one. */
struct random_pool {
	size_t left;
	uint8_t bytes[RANDOM_POOL_SIZE];
};

/* `size` of at most RANDOM_POOL_SIZE. The kernel always has some: it ends the program otherwise. */
void random_pool_take(struct random_pool *p, void *ret, size_t size);

static inline uint16_t random_pool_u16(struct random_pool *p)
{
	uint16_t value;
	random_pool_take(p, &value, sizeof(value));
	return value;
}
