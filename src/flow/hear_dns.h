/* hear_dns.h - whom one datagram asks for, if it is a DNS query.
 *
 * To port 53 everything is taken for one; elsewhere only what nobody but a resolver would send. */
#pragma once

#include "flow/recogniser.h"

/* OK; ERR_MISSING: it is no query; ERR_DENIED. */
int hear_dns_datagram(struct view bytes, const struct ear *ear) must_check;
