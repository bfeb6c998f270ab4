/* tap_client.h - how much of a client is told: nothing, its network, all, or a pseudonym.
 *
 * Pure but for the key of pseudonyms, which is drawn anew every day (UTC) and at every start, and is kept
 * nowhere: nobody can turn a pseudonym back, nor link two days. Those of the evidence log are others.
 * Threads: one for one struct. */
#pragma once

#include <stdint.h>

#include "base/address.h"
#include "gate/dns/tap_options.h"
#include "record/pseudonym.h"

enum { TAP_CLIENT_BITS4 = 24, TAP_CLIENT_BITS6 = 48, TAP_CLIENT_TEXT_SIZE = ADDRESS_TEXT_SIZE };

struct tap_client_key {
	int64_t day; /* since 1970, of `key` */
	struct pseudonym_key key;
};

/* The address as far as it may be told; none for pseudonyms. */
struct address tap_client_address(const struct address *client, enum tap_clients how);
/* As text: NULL when nothing is told, else `text`. */
const char *tap_client_print(const struct address *client, enum tap_clients how, int64_t at_us,
                             struct tap_client_key *key, char text[static TAP_CLIENT_TEXT_SIZE]);
