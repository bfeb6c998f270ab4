/* endpoint.h - an address with a port, and its text form.
 *
 * What:    pure functions; `192.0.2.1:53` or `[2001:db8::1]:53`. Port 0 is accepted: on a listener it
 *          lets the system choose.
 * Source:  RFC 5952 s6. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/prefix.h"

enum { ENDPOINT_TEXT_SIZE = PREFIX_TEXT_SIZE + 8 };

struct endpoint {
	uint8_t bytes[16];
	uint16_t port;
	uint8_t family; /* enum address_family */
};

int endpoint_parse(struct view text, struct endpoint *ret) must_check;
/* `-` for one that is not set. Returns `text`. */
const char *endpoint_print(const struct endpoint *e, char text[static ENDPOINT_TEXT_SIZE]);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/* Every address of its family. */
bool endpoint_is_wildcard(const struct endpoint *e);
