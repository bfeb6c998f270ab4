/* resolver_settings.h - tells libunbound what it is to do.
 *
 * Limits:  libunbound has one transport for all that it asks, UDP or TCP. Only the forwarders of all names, and stub zones,
 *          are its business; forwarders of a zone are forwarder.h's. */
#pragma once

#include "base/err.h"
#include "gate/dns/options.h"

struct ub_ctx;

/* ERR_INVALID when libunbound does not accept it. */
int resolver_configure(struct ub_ctx *c, const struct dns_options *o) must_check;
