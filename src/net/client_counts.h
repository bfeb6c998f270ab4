/* client_counts.h - how many connections each address has.
 *
 * What:    a hash table with open addressing, made once for the most connections there can be: no look-up
 *          is longer because others have many. Pure but for its memory.
 * Limits:  `connections_max` additions that were not taken back; more are an assertion.
 * Threads: one. */
#pragma once

#include <stdint.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/err.h"

struct client_counts;

/* -ENOMEM. */
int client_counts_new(uint32_t connections_max, uint64_t seed,
                      struct client_counts **ret) must_check;
void client_counts_free(struct client_counts *c);

uint32_t client_counts_of(const struct client_counts *c, const struct address *client);
void client_counts_add(struct client_counts *c, const struct address *client);
/* Takes back one addition. */
void client_counts_remove(struct client_counts *c, const struct address *client);
