/* dns_ech.h - copies a message with Encrypted Client Hello taken out of its SVCB and HTTPS records.
 *
 * What:    every `ech` parameter goes, and key 5 in `mandatory`. When something went, signatures over
 *          SVCB and HTTPS (now false) go too and AD is cleared. Names are compressed anew, so that
 *          none points to where bytes were.
 * Source:  RFC 9460, RFC 9848. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

/* True when there is something to strip. A malformed message says true, so that the error comes to
 * light in dns_message_strip_ech(). Cheap: call it first. */
bool dns_message_has_ech(struct view message);
/* Writes the copy; returns its size. ERR_LIMIT when `room` is too small (65535 is always enough for
 * messages that need not grow), ERR_TRUNCATED, ERR_MALFORMED. */
int dns_message_strip_ech(struct view message, uint8_t *room, size_t room_size) must_check;
