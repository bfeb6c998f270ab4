/* authority.h - the organisation's own certificate authority: makes itself, and certificates under it.
 *
 * What:    an ECDSA P-256 root that may sign nothing but end certificates, and server certificates for the
 *          names and addresses on which clients reach the gate. Everything is PEM. No file is touched.
 * Owns:    results are appended to the caller's buffers; a key among them is the caller's to wipe
 *          (authority_wipe()).
 * Fails:   ERR_MALFORMED for PEM that does not read, ERR_INVALID for a key that is not the certificate's, a
 *          name that is none, a leaf without any, or an authority whose time is over,
 *          -ENOMEM for anything else that OpenSSL refuses. Buffers are then as they were.
 * Source:  RFC 5280 s4.1 and s4.2, RFC 6125 s6.4, RFC 5958 (keys), RFC 9462 s4.2 (addresses). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/err.h"

enum { AUTHORITY_DAYS = 3650 };

int authority_make(const char *organisation, int64_t now_us, struct buffer *ret_certificate,
                   struct buffer *ret_key) must_check;

struct authority_leaf {
	const char *const *names; /* of hosts; the first is also the subject's */
	size_t name_count;
	const struct address *addresses;
	size_t address_count;
	int64_t now_us;
	int64_t life_us; /* cut to what the authority has left */
};

/* The chain is the new certificate and then the authority's. */
int authority_issue(struct view certificate, struct view key, const struct authority_leaf *leaf,
                    struct buffer *ret_chain, struct buffer *ret_key) must_check;

/* Whether the first certificate of the chain is by that authority, and for just those names and addresses. */
bool authority_has_issued(struct view certificate, struct view chain,
                          const struct authority_leaf *leaf);

/* Overwrites and frees. */
void authority_wipe(struct buffer *key);
