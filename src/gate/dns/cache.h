/* cache.h - answers kept by name and type, in memory whose size is fixed at start.
 *
 * What:    values of any size are written one after the other into a ring; an index of sets finds them.
 *          What the ring's end runs over is evicted; an entry that was used since is carried along once
 *          (the second chance of CLOCK), a few at each insertion. Pure: `now_s` is any clock in seconds
 *          that does not go back.
 * Owns:    copies of keys and values. A value stays where it is until the next cache_add().
 * Limits:  a key and its value together are at most a quarter of the ring.
 * Threads: one; each worker has its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "wire/dname.h"

enum { CACHE_SIZE_MIN = 64 * 1024 };

struct cache_key {
	const struct dname *name;
	uint16_t type;
};

struct cache_counts {
	uint64_t added, replaced, carried, evicted, expired;
};

struct cache;

/* `size`: bytes of the ring, at least CACHE_SIZE_MIN; the index takes a sixteenth of it beside, rounded
 * up to a power of two.
 * -ENOMEM, ERR_INVALID. */
int cache_new(size_t size, uint64_t seed, struct cache **ret) must_check;
void cache_free(struct cache *c);
DEFINE_CLEANUP(cache, struct cache *, cache_free);

/* Hints for a batch of keys, which change nothing: the first for all of them, then the second, then they
 * are looked for, and the memory that this reads is on its way meanwhile. */
void cache_expect_set(const struct cache *c, const struct cache_key *key);
void cache_expect_entry(const struct cache *c, const struct cache_key *key);
/* Returns the value, aligned to 8, or NULL when there is none or it has expired. */
void *cache_find(struct cache *c, const struct cache_key *key, uint32_t now_s, uint32_t *ret_age_s);
/* Keeps a copy for `ttl_s` seconds; an older value of the key goes. A TTL of 0 only removes that.
 * ERR_LIMIT when it is too large. */
int cache_add(struct cache *c, const struct cache_key *key, const void *value, size_t size,
              uint32_t ttl_s, uint32_t now_s) must_check;
/* Forgets everything. */
void cache_clear(struct cache *c);

const struct cache_counts *cache_counts(const struct cache *c);
