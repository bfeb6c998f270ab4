/* digest.h - SHA-256 of a source: of a regular file in a thread of its own, beside those that read it.
 *
 * It costs about two thirds of a second a GB, so it is made only where somebody needs it.
 * Fails:   the digest of a file that became shorter, or whose bytes cannot be read, is none.
 * Source:  FIPS 180-4. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/view.h"

enum { DIGEST_SIZE = 32 };

struct digest;

/* Of the first `size` bytes of that file, which stays open until digest_end(). */
int digest_begin(int fd, uint64_t size, struct digest **ret) must_check;
/* Of bytes that digest_add() brings. */
int digest_begin_stream(struct digest **ret) must_check;
void digest_add(struct digest *d, struct view bytes);
/* Waits, if it `is_wanted`, and frees. False: there is none. NULL is fine. */
bool digest_end(struct digest *d, bool is_wanted, uint8_t ret[static DIGEST_SIZE]);
