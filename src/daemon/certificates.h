/* certificates.h - the certificates of the encrypted transports, from files to the role.
 *
 * What:    the parent reads the files that the settings name, or has one made under the organisation's own
 *          authority (authority_files.h); finds what is wrong, and keeps the texts as sealed memory for every
 *          process of the role.
 * Owns:    the memory, until certificates_done().
 * Fails:   ERR_INVALID with problems, -errno. */
#pragma once

#include "base/problem.h"
#include "daemon/authority_files.h"
#include "daemon/memory.h"
#include "gate/dns/transport.h"

struct certificates {
	struct memory
		pem[DNS_TRANSPORTS]; /* each a certificate, those above it, and the key; or none */
	bool is_own[DNS_TRANSPORTS]; /* of the organisation's own authority */
	int64_t renew_at_us;         /* when the next one of that is due; or TIME_MAX */
};

struct certificates_request {
	const struct dns_options *options; /* which transports are offered, by which files */
	const struct dns_server_options *server;
	const char *organisation; /* the name of an authority that is made */
	int64_t now_us;
};

struct certificates certificates_none(void);
/* Reads those of the transports that the settings offer. One that is not valid yet, or not any more, is
 * added to `of_time`: where that is `problems` it is refused, else taken all the same. */
int certificates_load(const struct certificates_request *r, struct problems *of_time,
                      struct problems *problems, struct certificates *ret) must_check;
/* Makes the next of its own authority; the others are not read again. */
int certificates_renew(const struct certificates *c, const struct certificates_request *r,
                       struct problems *problems, struct certificates *ret) must_check;
/* Puts what `next` has in the place of the old. Leaves `next` without. */
void certificates_replace(struct certificates *c, struct certificates *next);
int certificates_send(const struct certificates *c, int fd) must_check;
void certificates_done(struct certificates *c);
