/* url_host.h - the host of a URL that a policy lists, which may have {parts} that vary.
 *
 * Errors:  ERR_MALFORMED, or what dname_parse_text() says.
 * Owns:    nothing. */
#pragma once

#include "base/err.h"
#include "base/view.h"
#include "wire/dname.h"

/* Without its port; of an address in brackets the address. */
struct view url_host(struct view url);
/* The name, or what follows the last part of it that varies; an address, or one label, is malformed. */
int url_host_name(struct view host, struct dname *ret) must_check;
