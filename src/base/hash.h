/* hash.h - one hash for tables and for checksums against accidents; never for security.
 *
 * XXH3 (libxxhash). Tables that a stranger fills take a random seed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

uint64_t hash_bytes(const void *bytes, size_t size, uint64_t seed);

static inline uint64_t hash_view(struct view v, uint64_t seed)
{
	return hash_bytes(v.bytes, v.size, seed);
}
