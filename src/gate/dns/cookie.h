/* cookie.h - DNS cookies: a client that brings ours back has not forged its address.
 *
 * What:    24 bytes: the client's eight, and of ours version, time and a keyed hash over both and the client's
 *          address. Nothing is remembered of a client. The secret of a day is derived from the key, so it changes by
 *          itself, alike in all workers and in a role that was started again. Pure.
 * Fails:   what is older than an hour, or from more than five minutes ahead, is not ours.
 * Threads: one a jar.
 * Source:  RFC 7873 s5, RFC 9018 s4 (interoperable server cookies, SipHash-2-4). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/view.h"

enum {
	COOKIE_KEY_SIZE = 32,
	COOKIE_SECRET_SIZE = 16,
	COOKIE_CLIENT_SIZE = 8,
	COOKIE_HASH_SIZE = 8,
	COOKIE_SIZE = 24,
};

struct cookie_jar {
	uint8_t key[COOKIE_KEY_SIZE];
	struct cookie_secret {
		bool is_set;
		uint32_t day;
		uint8_t bytes[COOKIE_SECRET_SIZE];
	} secrets[2]; /* of two days in a row */
};

void cookie_jar_init(struct cookie_jar *jar, const uint8_t key[static COOKIE_KEY_SIZE]);
/* A cookie for who sent the first COOKIE_CLIENT_SIZE bytes of `sent`. `now_s`: seconds since 1970. */
void cookie_make(struct cookie_jar *jar, struct view sent, const struct address *client,
                 uint32_t now_s, uint8_t ret[static COOKIE_SIZE]);
/* Whether `sent`, of any size that the option may have, is one that we gave this client lately. */
bool cookie_is_ours(struct cookie_jar *jar, struct view sent, const struct address *client,
                    uint32_t now_s);
/* The hash over the cookie's first 16 bytes and the address: RFC 9018 s4.2. */
void cookie_hash(const uint8_t secret[static COOKIE_SECRET_SIZE],
                 const uint8_t cookie[static COOKIE_SIZE - COOKIE_HASH_SIZE],
                 const struct address *client, uint8_t ret[static COOKIE_HASH_SIZE]);
