/* tls_tickets.h - the keys of session tickets: one for each period, made from the one before.
 *
 * What:    holders of the same seed and start have the same keys at the same time, without sharing memory:
 *          every worker can take up what another began. A key opens tickets of its period and of the one
 *          after; older ones are gone for good, since each secret is overwritten by a hash of itself.
 * Time:    microseconds of a clock that never jumps.
 * Threads: one. */
#pragma once

#include <stdint.h>

enum {
	TLS_TICKET_SEED_SIZE = 32,
	TLS_TICKET_NAME_SIZE = 16,
	TLS_TICKET_PERIOD_S = 6 * 3600,
};

struct tls_ticket_key {
	uint8_t name[TLS_TICKET_NAME_SIZE], cipher[32], mac[32];
};

struct tls_tickets {
	int64_t until_us; /* the current key is used */
	uint8_t secret[TLS_TICKET_SEED_SIZE];
	struct tls_ticket_key current, previous;
};

void tls_tickets_init(struct tls_tickets *t, const uint8_t seed[static TLS_TICKET_SEED_SIZE],
                      int64_t start_us);
void tls_tickets_done(struct tls_tickets *t);
/* The key for new tickets. */
const struct tls_ticket_key *tls_tickets_current(struct tls_tickets *t, int64_t now_us);
/* The key of that name; NULL when there is none (any more). */
const struct tls_ticket_key *tls_tickets_find(struct tls_tickets *t,
                                              const uint8_t name[static TLS_TICKET_NAME_SIZE],
                                              int64_t now_us);
