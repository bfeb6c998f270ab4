/* proxy2.h - reads the header by which a proxy says for whom a connection is: PROXY protocol version 2.
 *
 * What:    a pure function over the first bytes of a connection or datagram. Version 1, the text form, is
 *          refused.
 * Owns:    nothing; the result is a copy.
 * Fails:   ERR_TRUNCATED when more bytes may complete it, ERR_MALFORMED when none can, ERR_LIMIT for one
 *          that says that it is longer than PROXY2_SIZE_MAX.
 * Source:  "The PROXY protocol", haproxy, 2020/03/05, s2.2. */
#pragma once

#include <stdint.h>

#include "base/address.h"
#include "base/err.h"
#include "base/view.h"

enum { PROXY2_SIZE_MAX = 2048 };

struct proxy2 {
	size_t size;           /* of the whole header: what is proxied begins there */
	struct address client; /* none: the proxy speaks for itself (LOCAL), or cannot tell */
};

int proxy2_parse(struct view bytes, struct proxy2 *ret) must_check;
