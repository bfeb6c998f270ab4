#include "gate/dns/cookie.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/reader.h"

enum {
	VERSION = 1,
	HASHED_SIZE = COOKIE_SIZE - COOKIE_HASH_SIZE,
	DAY_S = 86400,
	AGE_MAX_S = 3600,
	AHEAD_MAX_S = 300,
};

_Static_assert(COOKIE_SECRET_SIZE == crypto_shorthash_KEYBYTES, "SipHash key");
_Static_assert(COOKIE_HASH_SIZE == crypto_shorthash_BYTES, "SipHash hash");

void cookie_jar_init(struct cookie_jar *jar, const uint8_t key[static COOKIE_KEY_SIZE])
{
	*jar = (struct cookie_jar){0};
	memcpy(jar->key, key, COOKIE_KEY_SIZE);
}

static const uint8_t *secret_of(struct cookie_jar *jar, uint32_t time_s)
{
	uint32_t day = time_s / DAY_S;
	struct cookie_secret *secret = &jar->secrets[day % 2];
	if (!secret->is_set || secret->day != day) {
		int r = crypto_generichash(secret->bytes, sizeof(secret->bytes),
		                           (const uint8_t *)&day, sizeof(day), jar->key,
		                           sizeof(jar->key));
		assert(r == 0);
		secret->is_set = true;
		secret->day = day;
	}
	return secret->bytes;
}

void cookie_hash(const uint8_t secret[static COOKIE_SECRET_SIZE],
                 const uint8_t cookie[static COOKIE_SIZE - COOKIE_HASH_SIZE],
                 const struct address *client, uint8_t ret[static COOKIE_HASH_SIZE])
{
	uint8_t bytes[HASHED_SIZE + sizeof(client->bytes)];
	memcpy(bytes, cookie, HASHED_SIZE);
	memcpy(bytes + HASHED_SIZE, client->bytes, client->size);
	crypto_shorthash(ret, bytes, HASHED_SIZE + client->size, secret);
}

void cookie_make(struct cookie_jar *jar, struct view sent, const struct address *client,
                 uint32_t now_s, uint8_t ret[static COOKIE_SIZE])
{
	assert(sent.size >= COOKIE_CLIENT_SIZE);
	const uint8_t head[] = {VERSION,
	                        0,
	                        0,
	                        0,
	                        (uint8_t)(now_s >> 24),
	                        (uint8_t)(now_s >> 16),
	                        (uint8_t)(now_s >> 8),
	                        (uint8_t)now_s};
	memcpy(ret, sent.bytes, COOKIE_CLIENT_SIZE);
	memcpy(ret + COOKIE_CLIENT_SIZE, head, sizeof(head));
	cookie_hash(secret_of(jar, now_s), ret, client, ret + HASHED_SIZE);
}

/* Times of 32 bits are compared round the corner: RFC 1982. */
static bool is_recent(uint32_t time_s, uint32_t now_s)
{
	int32_t age_s = (int32_t)(now_s - time_s);
	return age_s <= AGE_MAX_S && age_s >= -AHEAD_MAX_S;
}

bool cookie_is_ours(struct cookie_jar *jar, struct view sent, const struct address *client,
                    uint32_t now_s)
{
	if (sent.size != COOKIE_SIZE || sent.bytes[COOKIE_CLIENT_SIZE] != VERSION)
		return false;
	struct reader r = reader_open(sent.bytes, sent.size);
	(void)read_bytes(&r, COOKIE_CLIENT_SIZE + 4);
	uint32_t time_s = read_u32(&r);
	if (!is_recent(time_s, now_s))
		return false;
	uint8_t hash[COOKIE_HASH_SIZE];
	cookie_hash(secret_of(jar, time_s), sent.bytes, client, hash);
	return sodium_memcmp(hash, sent.bytes + HASHED_SIZE, sizeof(hash)) == 0;
}
