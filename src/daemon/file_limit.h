/* file_limit.h - the limit of open files, for this process and the roles that it starts.
 *
 * What:    raised to what the system allows, and above it to what the settings want where who started us may
 *          (CAP_SYS_RESOURCE). Where it stays below, the gate works with less: that is said, and what to
 *          set. */
#pragma once

#include "gate/dns/options.h"

void file_limit_raise(const struct dns_options *o);
