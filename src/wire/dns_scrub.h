/* dns_scrub.h - keeps of an upstream's answer what belongs to its question.
 *
 * What:    pure. In the answer section stays what the name asked for owns, and what the aliases lead to
 *          from there; in the authority section what proves that something does not exist; of the
 *          additional section only OPT. Whatever else a server adds (other names, "while we are at it")
 *          is gone before anybody can believe it. No TTL is over `ttl_max`.
 * Owns:    nothing: the result lies in `room`, or is the message itself when nothing had to change.
 * Fails:   ERR_TRUNCATED, ERR_MALFORMED for a message that cannot be read whole; ERR_LIMIT when the
 *          rest does not fit into `room`.
 * Limits:  a chain of DNS_CHAIN_MAX aliases.
 * Source:  RFC 2181 s5.4.1 and RFC 5452 s6 (what may be trusted), RFC 8499 s7 (bailiwick). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/dname.h"

enum { DNS_CHAIN_MAX = 16 };

/* Whether the answer ends in an alias and says nothing of what that leads to: *ret_target is to be asked for. Some
 * servers that are forwarded to know only their own zones. False for a message that cannot be read. */
bool dns_ends_in_alias(struct view message, struct dname *ret_target);

int dns_scrub(struct view message, uint32_t ttl_max, uint8_t *room, size_t size,
              struct view *ret) must_check;
