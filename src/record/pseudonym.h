/* pseudonym.h - names for people that only the holder of a key can turn back.
 *
 * What:    HMAC-SHA-256 of a subject under the key of its month, cut to 16 bytes. Within a month the
 *          same subject has the same pseudonym; when the month's key is erased, nothing links it to
 *          the person any more, and the log's proofs stay whole.
 *          The first part is pure. The second keeps keys as files KEYS/2026-01, 32 bytes, mode 0600.
 * Owns:    keys in memory are wiped by pseudonym_keys_done().
 * Threads: one for one pseudonym_keys.
 * Needs:   sodium_init() called by the program. */
#pragma once

#include <sodium/crypto_auth_hmacsha256.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { PSEUDONYM_KEY_SIZE = 32, PSEUDONYM_TEXT_SIZE = 33, PSEUDONYM_PERIOD_SIZE = 8 };

/* `2026-01` for an instant (UTC). Returns `text`. */
const char *pseudonym_period(int64_t time_us, char text[static PSEUDONYM_PERIOD_SIZE]);
/* A key with what every HMAC under it begins with; as secret as the key is. */
struct pseudonym_key {
	crypto_auth_hmacsha256_state begun;
};
void pseudonym_key_init(struct pseudonym_key *key, const uint8_t bytes[static PSEUDONYM_KEY_SIZE]);
/* A key that nobody knows. */
void pseudonym_key_draw(struct pseudonym_key *key);
void pseudonym_key_done(struct pseudonym_key *key);
/* Returns `text`: 32 lower-case hex digits. */
const char *pseudonym_make(const struct pseudonym_key *key, struct view subject,
                           char text[static PSEUDONYM_TEXT_SIZE]);

struct pseudonym_keys {
	int directory_fd;
	char period[PSEUDONYM_PERIOD_SIZE]; /* of `key`; empty: none */
	struct pseudonym_key key;
};

/* Opens the directory, made with mode 0700 when missing. */
int pseudonym_keys_open(const char *path, struct pseudonym_keys *ret) must_check;
void pseudonym_keys_done(struct pseudonym_keys *keys);
/* Makes the period's key when there is none, unless that period's key was erased (ERR_DENIED). */
int pseudonym_of(struct pseudonym_keys *keys, int64_t time_us, struct view subject,
                 char text[static PSEUDONYM_TEXT_SIZE]) must_check;
/* Whether it is written as pseudonym_period() does. */
bool pseudonym_period_is_valid(const char *period);
/* The key in that directory, for pseudonym_key_done(). ERR_MISSING; ERR_DENIED when it was erased; ERR_INVALID when the file
 * is no key; -errno. */
int pseudonym_key_read(const char *directory, const char *period,
                       struct pseudonym_key *ret) must_check;
/* ERR_MISSING when the period has no file. The file stays, empty, so that the key is never made anew; who is killed within
 * leaves the key, or zeros, which are none. What is held in memory is forgotten whatever this returns. */
int pseudonym_erase(struct pseudonym_keys *keys, const char *period) must_check;
