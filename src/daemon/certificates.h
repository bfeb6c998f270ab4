/* certificates.h - the certificates of the encrypted transports, from the administrator's files to the role.
 *
 * What:    the parent reads the files that the settings name, finds what is wrong, and keeps the texts as
 *          sealed memory for every process of the role. To give a certificate of another source, fill
 *          `pem` of a transport in certificates_load().
 * Owns:    the memory, until certificates_done().
 * Fails:   ERR_INVALID with problems, -errno. */
#pragma once

#include "base/problem.h"
#include "daemon/memory.h"
#include "gate/dns/transport.h"

struct certificates {
	struct memory
		pem[DNS_TRANSPORTS]; /* each a certificate, those above it, and the key; or none */
};

struct certificates certificates_none(void);
/* Reads those of the transports that the settings offer. One that is not valid yet, or not any more, is
 * added to `of_time`: where that is `problems` it is refused, else taken all the same. */
int certificates_load(const struct dns_options *o, int64_t now_us, struct problems *of_time,
                      struct problems *problems, struct certificates *ret) must_check;
/* Puts what `next` has in the place of the old. Leaves `next` without. */
void certificates_replace(struct certificates *c, struct certificates *next);
int certificates_send(const struct certificates *c, int fd) must_check;
void certificates_done(struct certificates *c);
