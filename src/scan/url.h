/* url.h - the parts of a URL that are asked for and shown: scheme, host and path.
 *
 * What:    pure functions. User, port, query and fragment are none of these parts: they may be secret, and say nothing
 *          of a product. A text without a scheme begins with the host.
 * Owns:    nothing: the parts point into the text.
 * Source:  RFC 3986 s3. */
#pragma once

#include "policy/facts.h"
#include "wire/dname.h"

struct scan_url {
	struct view scheme; /* "https://", without what a file has it in; or empty */
	struct view host;   /* a name, an address, one of IPv6 in brackets; or empty */
	struct view path;   /* "/v1"; or empty */
};

struct scan_url scan_url_read(struct view text);
/* What follows the scheme. */
struct view scan_url_bare(struct view text);
/* What to ask about a host: a name, which may begin with "*.", or an address, in brackets or not. `room` holds the name.
 * False: it is neither. */
bool scan_url_ask_host(struct view host, struct dname *room, struct facts *ret);
