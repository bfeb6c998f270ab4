/* top.h - who asks most and what is asked most: heavy hitters, for as long as somebody looks.
 *
 * What:    five counts of keys in bounded memory, by Space-Saving in sets: a key hashes to a set of eight
 *          rows, and one that finds none of its own takes the least's place and count. So a count is never
 *          below the truth and at most `error` above it. Pure.
 * Privacy: it knows what allowed clients ask for. It exists only between top_new() and top_free(), in memory,
 *          and is written down nowhere.
 * Limits:  TOP_SETS * TOP_WAYS rows of each kind.
 * Threads: one; each worker has its own.
 * Source:  Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data
 *          Streams" (2005). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "wire/dname.h"

/* top_kind_names[] in the same order. */
enum top_kind {
	TOP_CLIENTS,
	TOP_NAMES,
	TOP_BLOCKED, /* names */
	TOP_TYPES,
	TOP_MISSES, /* names that the cache did not have */
	TOP_KINDS,
	TOP_UPSTREAMS = TOP_KINDS, /* counted by the forwarder: forwarder_watch() */
	TOP_WHATS
};
extern const char *const top_kind_names[TOP_WHATS];

enum { TOP_SETS = 256, TOP_WAYS = 8, TOP_ROWS = TOP_SETS * TOP_WAYS, TOP_SECONDS_MAX = 600 };

struct top_row {
	uint64_t count, error;       /* 0: the row is free */
	uint8_t size;                /* of the key */
	uint8_t key[DNAME_SIZE_MAX]; /* an address, a name in wire form, or a type's two bytes */
};

struct top;

/* NULL when there is no memory. */
struct top *top_new(uint64_t seed);
void top_free(struct top *t);
DEFINE_CLEANUP(top, struct top *, top_free);

/* Counts one key. */
void top_add(struct top *t, enum top_kind kind, struct view key);
/* Counts a query under client, name and type. */
void top_add_query(struct top *t, const struct address *client, const struct dname *name,
                   uint16_t type);

/* Copies the rows in use of one kind to `ret`, which has room for TOP_ROWS. Returns how many. */
size_t top_copy(const struct top *t, enum top_kind kind, struct top_row *ret);
/* Adds up rows of equal keys, as several workers have them, and sorts: most first. Returns how many are
 * left. */
size_t top_merge(struct top_row *rows, size_t count);
