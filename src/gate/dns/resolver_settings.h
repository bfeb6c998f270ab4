/* resolver_settings.h - tells libunbound what it is to do.
 *
 * What:    it asks the name servers of stub zones by itself, and the relay (relay.h) for whatever is forwarded. */
#pragma once

#include "base/endpoint.h"
#include "base/err.h"
#include "gate/dns/libunbound.h"
#include "gate/dns/options.h"

/* `relay` is NULL when nothing is forwarded. -errno; ERR_INVALID when libunbound does not accept it. */
int resolver_configure(const struct libunbound *lib, struct ub_ctx *c, const struct dns_options *o,
                       const struct endpoint *relay) must_check;
