/* learned.h - for which name a client was given an address: what our own DNS gate told it.
 *
 * What:    a table in memory that processes share. Workers of the DNS gate write a row for each address in an
 *          answer about a name that the policy lists; workers of the packet gate ask it about flows that name
 *          nobody. A name is good until the answer's time is over, and none is good once the client was
 *          given the same address for a name that is not listed: then the address alone says nothing.
 * Owns:    nothing: the memory is the caller's. Pure: time is an argument, of one steady clock for all.
 * Trust:   who reads believes the rows no more than it believes a gate: they are copied before they are
 *          looked at, and are valid names or none.
 * Limits:  rows are in sets of LEARNED_WAYS; in a full set the one that ends first makes room. None lasts longer
 *          than LEARNED_TIME_MAX_US.
 * Threads: any number that write and read. Nobody waits: who meets a row that is just being written leaves it.
 *          A writer that was killed leaves one such row; learned_mend() frees it.
 * Known:   a name that is not listed and was answered before the listed one is not remembered. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"
#include "wire/dname.h"

enum { LEARNED_WAYS = 4, LEARNED_ROWS_MAX = 1 << 20 };
#define LEARNED_TIME_MAX_US INT64_C(3600000000)

struct learned_shared; /* the layout of the memory, learned.c */

struct learned {
	struct learned_shared *shared;
	uint32_t rows;
	uint64_t seed;
};

/* Memory for so many rows, a power of two from LEARNED_WAYS on; 0 for another number. */
size_t learned_size(uint32_t rows);
/* Makes an empty table of it. `seed` is random: clients choose what they ask for. */
void learned_format(void *memory, uint32_t rows, uint64_t seed);
/* ERR_INVALID when it is no such table. */
int learned_open(void *memory, size_t size, struct learned *ret) must_check;
/* Frees rows whose writer was killed: call it while nobody writes. */
void learned_mend(const struct learned *t);

/* The client is told now that `name` is at `address`, until then. False when somebody else was writing there. */
bool learned_put(const struct learned *t, const struct address *client,
                 const struct address *address, const struct dname *name, int64_t now_us,
                 int64_t until_us);
/* The same of a name that is not listed. */
void learned_spoil(const struct learned *t, const struct address *client,
                   const struct address *address, int64_t until_us);
/* False when there is none, its time is over, or it may be another's. */
bool learned_find(const struct learned *t, const struct address *client,
                  const struct address *address, int64_t now_us, struct dname *ret);

/* Addresses as bits: where learned_bits() of an answer's addresses and learned_all_bits() have none in common,
 * no name is kept for any of them, and learned_spoil() need not be called. */
uint16_t learned_bits(const struct address *address);
uint16_t learned_all_bits(const struct learned *t, int64_t now_us);
