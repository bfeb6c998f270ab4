/* upstream.h - a server to ask, as an administrator writes it.
 *
 *	192.0.2.1           UDP, and TCP for what is too long; port 53
 *	192.0.2.1:5353      another port
 *	[2001:db8::1]:53
 *	tcp://192.0.2.1     TCP only
 *	9.9.9.9#dns.quad9.net    TLS, port 853; the certificate must bear this name
 *
 * What:    pure functions.
 * Source:  RFC 7858 s3.1 (port 853), RFC 8310 s5 (strict). */
#pragma once

#include <stdbool.h>

#include "base/endpoint.h"
#include "base/err.h"

enum upstream_transport { UPSTREAM_UDP, UPSTREAM_TCP, UPSTREAM_TLS };

enum { UPSTREAM_NAME_SIZE = 254, UPSTREAM_TEXT_SIZE = ENDPOINT_TEXT_SIZE + UPSTREAM_NAME_SIZE + 8 };

struct upstream {
	struct endpoint at;
	enum upstream_transport transport;
	char name[UPSTREAM_NAME_SIZE]; /* of UPSTREAM_TLS: in the certificate; else empty */
};

/* ERR_MALFORMED. */
int upstream_parse(struct view text, struct upstream *ret) must_check;
/* Returns `text`; it reads back to the same. */
const char *upstream_print(const struct upstream *u, char text[static UPSTREAM_TEXT_SIZE]);
bool upstream_equal(const struct upstream *a, const struct upstream *b);
