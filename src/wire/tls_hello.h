/* tls_hello.h - what a TLS ClientHello says: whom it wants, what it offers.
 *
 * What:    a pure function over the body of one handshake message; the same for TCP and QUIC.
 *          It is read for two readers at once. A strict end host takes no hello with a `fault`; a lax one
 *          may, and so every name that any of them could take is given.
 * Owns:    nothing. Every view points into the caller's bytes.
 * Fails:   ERR_MALFORMED when it is not a ClientHello up to its cipher suites. What is wrong from there
 *          on is in `fault`, and what could be read is given.
 * Limits:  TLS_HELLO_NAMES_MAX names; further ones are only counted.
 * Names:   as on the wire, of type host_name only. Case is kept; the last dots and all from the first NUL
 *          on are kept too (host_name.h says what a server may make of a name). Of a name with a NUL in
 *          it what stands before that is given as a name of its own. No name is too long or too strange to be
 *          given: addresses, spaces, other bytes than letters. A name of no bytes is not given.
 * Source:  RFC 8446 s4.1.2 and s4.2, RFC 6066 s3, RFC 7301 s3.1, RFC 9849 (ECH), RFC 8701 (GREASE). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { TLS_HELLO_NAMES_MAX = 8 };

enum tls_extension {
	TLS_EXTENSION_SERVER_NAME = 0,
	TLS_EXTENSION_SIGNATURE_ALGORITHMS = 13,
	TLS_EXTENSION_ALPN = 16,
	TLS_EXTENSION_PRE_SHARED_KEY = 41,
	TLS_EXTENSION_EARLY_DATA = 42,
	TLS_EXTENSION_SUPPORTED_VERSIONS = 43,
	TLS_EXTENSION_COOKIE = 44,
	TLS_EXTENSION_KEY_SHARE = 51,
	TLS_EXTENSION_QUIC_PARAMETERS = 57,
	TLS_EXTENSION_ECH = 0xfe0d,
};

enum tls_hello_fault {
	TLS_HELLO_FAULTLESS,
	TLS_HELLO_PART,       /* tls_hello_parse_part(): it ended before the hello did */
	TLS_HELLO_NAMES,      /* not exactly one name in one list of names */
	TLS_HELLO_TWICE,      /* an extension that is read here comes twice */
	TLS_HELLO_EXTENSIONS, /* lengths that do not fit, bytes after the end */
};

struct tls_hello {
	uint16_t version; /* the highest offered; the field of old where no list of versions is */
	struct view random;
	struct view ciphers;    /* two bytes each */
	struct view extensions; /* all, for tls_extension_next() */

	bool has_sni; /* the extension is there, whatever is in it */
	unsigned names_count;
	struct view names[TLS_HELLO_NAMES_MAX];
	bool has_more_names; /* than are given */

	struct view alpn;                 /* the list, for tls_alpn_next(); empty: none */
	struct view signature_algorithms; /* two bytes each */
	struct view cookie;               /* of a HelloRetryRequest */
	bool has_ech;                     /* Encrypted Client Hello, or a decoy of one */
	enum tls_hello_fault fault;
};

int tls_hello_parse(struct view body, struct tls_hello *ret) must_check;
/* The same for the first bytes of a body, as far as they go. ERR_TRUNCATED when that is not as far as the
 * cipher suites. */
int tls_hello_parse_part(struct view body, struct tls_hello *ret) must_check;

/* Takes one extension off the front; false at the end, or where the rest is none. */
bool tls_extension_next(struct view *extensions, uint16_t *ret_type, struct view *ret_content);
/* Takes one protocol's name off the front; false at the end, or where the rest is none. */
bool tls_alpn_next(struct view *alpn, struct view *ret);

/* Values that mean nothing, sent so that servers learn to ignore what they do not know. */
static inline bool tls_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}
