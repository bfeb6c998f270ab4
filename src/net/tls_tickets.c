#include "net/tls_tickets.h"

#include <sodium.h>
#include <string.h>

#include "base/timestamp.h"

enum derived { DERIVED_NAME, DERIVED_CIPHER, DERIVED_MAC, DERIVED_SECRET };

static void derive(const struct tls_tickets *t, enum derived what, uint8_t *ret, size_t size)
{
	static const char context[crypto_kdf_CONTEXTBYTES + 1] = "tickets\0";
	_Static_assert(TLS_TICKET_SEED_SIZE == crypto_kdf_KEYBYTES, "seed");
	(void)crypto_kdf_derive_from_key(ret, size, (uint64_t)what, context, t->secret);
}

/* Makes the next key, and a secret that does not lead back. */
static void turn(struct tls_tickets *t)
{
	uint8_t next[TLS_TICKET_SEED_SIZE];
	t->previous = t->current;
	derive(t, DERIVED_NAME, t->current.name, sizeof(t->current.name));
	derive(t, DERIVED_CIPHER, t->current.cipher, sizeof(t->current.cipher));
	derive(t, DERIVED_MAC, t->current.mac, sizeof(t->current.mac));
	derive(t, DERIVED_SECRET, next, sizeof(next));
	memcpy(t->secret, next, sizeof(next));
	sodium_memzero(next, sizeof(next));
	t->until_us += TLS_TICKET_PERIOD_S * SECOND_US;
}

static void turn_until(struct tls_tickets *t, int64_t now_us)
{
	while (t->until_us <= now_us)
		turn(t);
}

void tls_tickets_init(struct tls_tickets *t, const uint8_t seed[static TLS_TICKET_SEED_SIZE],
                      int64_t start_us)
{
	*t = (struct tls_tickets){.until_us = start_us};
	memcpy(t->secret, seed, sizeof(t->secret));
	turn(t);
	t->previous = t->current; /* there is none before the first */
}

void tls_tickets_done(struct tls_tickets *t)
{
	sodium_memzero(t, sizeof(*t));
}

const struct tls_ticket_key *tls_tickets_current(struct tls_tickets *t, int64_t now_us)
{
	turn_until(t, now_us);
	return &t->current;
}

const struct tls_ticket_key *tls_tickets_find(struct tls_tickets *t,
                                              const uint8_t name[static TLS_TICKET_NAME_SIZE],
                                              int64_t now_us)
{
	turn_until(t, now_us);
	if (memcmp(name, t->current.name, TLS_TICKET_NAME_SIZE) == 0)
		return &t->current;
	return memcmp(name, t->previous.name, TLS_TICKET_NAME_SIZE) == 0 ? &t->previous : NULL;
}
