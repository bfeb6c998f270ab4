/* recogniser_internal.h - what the rows of recognisers[] share. */
#pragma once

#include "flow/recogniser.h"

/* ERR_MISSING: it is not this protocol. Else as recogniser_hear(). */
typedef int hear_function(const struct conversation *at, struct view bytes, const struct ear *ear,
                          struct heard *ret);
/* What a part of a message says: OK, ERR_DENIED, ERR_LIMIT; ERR_MISSING as above. */
typedef int hear_part_function(const struct conversation *at, struct view bytes,
                               const struct ear *ear);

hear_function hear_tls, hear_http, hear_http2, hear_dns, hear_starttls;
hear_part_function hear_tls_part, hear_http_part, hear_dns_part;

static inline int ear_claim(const struct ear *ear, const struct flow_claim *claim)
{
	return ear->claim(ear->context, claim) ? OK : ERR_DENIED;
}

/* One claim a name; without any, one that names nobody. ERR_LIMIT: there are more than those, and a server may take
 * one of the others. */
static inline int ear_claim_names(const struct ear *ear, struct flow_claim *claim,
                                  const struct view *names, unsigned count, bool has_more)
{
	if (count == 0 && !has_more)
		return ear_claim(ear, claim);
	for (unsigned i = 0; i < count; i++) {
		claim->name = names[i];
		int r = ear_claim(ear, claim);
		if (r != OK)
			return r;
	}
	return has_more ? ERR_LIMIT : OK;
}
