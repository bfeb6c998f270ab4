/* certificate_facts.h - what people want to know of a certificate: from when, until when, and its fingerprint.
 *
 * Owns:    nothing.
 * Fails:   ERR_MISSING when the text has fewer certificates, ERR_MALFORMED for one that does not read.
 * Source:  RFC 7468 (PEM), RFC 5280 s4.1.2.5 (validity). */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { CERTIFICATE_SHA256_SIZE = 32, CERTIFICATE_FINGERPRINT_SIZE = 96 };

struct certificate_facts {
	int64_t from_us, until_us;
	uint8_t sha256[CERTIFICATE_SHA256_SIZE]; /* of the DER form */
};

/* Of the so-many-th certificate in a text, from 0. */
int certificate_facts_read(struct view pem, unsigned number,
                           struct certificate_facts *ret) must_check;
/* "AB:CD:...", as browsers and openssl show it. Returns `text`. */
const char *certificate_fingerprint(const struct certificate_facts *f,
                                    char text[static CERTIFICATE_FINGERPRINT_SIZE]);
