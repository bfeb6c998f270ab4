/* cache.h - answers kept by name and type, in memory whose size is fixed at start.
 *
 * What:    values of any size are written one after the other into a ring; an index of sets finds them.
 *          What the ring's end runs over is evicted; an entry that was used since is carried along once
 *          (the second chance of CLOCK), a few at each insertion. An entry whose time is over is still
 *          found for a while, as stale. Pure: `now_s` is any clock in seconds that does not go back.
 * Owns:    copies of keys and values. A value stays where it is until the next cache_add().
 * Limits:  a key and its value together are at most a quarter of the ring; hits are counted up to 65535.
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

struct cache_found {
	uint32_t age_s;
	uint32_t left_s; /* 0: stale */
};

struct cache_usage {
	size_t entries;
	uint64_t bytes, size; /* written of the ring, and all of it */
};

struct cache_counts {
	uint64_t added, replaced, carried, evicted, expired;
};

struct cache;

/* `size`: bytes of the ring, at least CACHE_SIZE_MIN; the index takes a thirty-second of it beside,
 * rounded up to a power of two. `stale_s`: how long an entry is found when its time is over.
 * -ENOMEM, ERR_INVALID. */
int cache_new(size_t size, uint32_t stale_s, uint64_t seed, struct cache **ret) must_check;
void cache_free(struct cache *c);
DEFINE_CLEANUP(cache, struct cache *, cache_free);

/* Hints for a batch of keys, which change nothing: the first for all of them, then the second, then they
 * are looked for, and the memory that this reads is on its way meanwhile. */
void cache_expect_set(const struct cache *c, const struct cache_key *key);
void cache_expect_entry(const struct cache *c, const struct cache_key *key);
/* Returns the value, aligned to 8, or NULL when there is none. */
void *cache_find(struct cache *c, const struct cache_key *key, uint32_t now_s,
                 struct cache_found *ret);
/* Keeps a copy for `ttl_s` seconds; an older value of the key goes. A TTL of 0 only removes that.
 * ERR_LIMIT when it is too large. */
int cache_add(struct cache *c, const struct cache_key *key, const void *value, size_t size,
              uint32_t ttl_s, uint32_t now_s) must_check;
/* Forgets everything. */
void cache_clear(struct cache *c);
/* Returns whether there was one. */
bool cache_remove(struct cache *c, const struct cache_key *key);

struct cache_entry {
	struct view name; /* in wire form */
	uint16_t type;
	uint16_t hits;
	uint32_t size; /* bytes of the ring */
	struct cache_found found;
	const void *value;
};
enum cache_step { CACHE_NEXT, CACHE_REMOVE, CACHE_STOP };
typedef enum cache_step cache_entry_fn(void *context, const struct cache_entry *entry);

/* Shows entries from `from` (0: the oldest; else what a walk of this cache returned) on, and looks at no more than `steps_max` places of the ring, so that
 * a walk may be done in pieces while the cache is used. Returns where to go on, or 0 at the end. */
uint64_t cache_walk(struct cache *c, uint64_t from, unsigned steps_max, uint32_t now_s,
                    cache_entry_fn *show, void *context);

struct cache_usage cache_usage(const struct cache *c);
const struct cache_counts *cache_counts(const struct cache *c);
