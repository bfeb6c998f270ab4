/* host_name.h - the name in a text that says which host is meant.
 *
 * What:    pure; views into the text. Case and strange bytes are kept: what a name is is not asked here.
 * Source:  RFC 3986 s3.2, RFC 9110 s4.2 and s7.2. */
#pragma once

#include "base/view.h"

/* Without its last dots: "a.example." is the host a.example. */
struct view host_name_trim(struct view name);
/* Of host, host:port, [address] or [address]:port, without last dots. */
struct view host_name_of(struct view text);
