/* dns_svcb.h - SVCB and HTTPS records: reading, writing, and taking Encrypted Client Hello out of them.
 *
 * Owns:    nothing: views point into the record.
 * Fails:   ERR_MALFORMED when keys do not ascend, a length is wrong or the target is compressed.
 * Source:  RFC 9460 s2.2 (form) and s7, s8 (mandatory); RFC 9848 (ech), RFC 9461 s5 (dohpath). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "base/writer.h"
#include "wire/dname.h"

enum dns_svcb_key {
	DNS_SVCB_MANDATORY = 0,
	DNS_SVCB_ALPN = 1,
	DNS_SVCB_NO_DEFAULT_ALPN = 2,
	DNS_SVCB_PORT = 3,
	DNS_SVCB_IPV4HINT = 4,
	DNS_SVCB_ECH = 5,
	DNS_SVCB_IPV6HINT = 6,
	DNS_SVCB_DOHPATH = 7,
};

struct dns_svcb {
	uint16_t priority; /* 0: AliasMode */
	struct dname target;
	struct view params; /* well-formed; read with dns_svcb_next */
};

struct dns_svcb_param {
	uint16_t key;
	struct view value; /* ipv4hint: 4 bytes an address; ipv6hint: 16 */
};

int dns_svcb_parse(struct view rdata, struct dns_svcb *ret) must_check;
/* Takes the next parameter off the front. 1, 0 at the end, ERR_MALFORMED. */
int dns_svcb_next(struct view *params, struct dns_svcb_param *ret) must_check;
/* OK, or ERR_MISSING. */
int dns_svcb_find(const struct dns_svcb *svcb, uint16_t key, struct view *ret) must_check;

/* What a record in ServiceMode says; what is empty is left out. */
struct dns_svcb_service {
	uint16_t priority;
	const struct dname *target;
	struct view alpn; /* as on the wire: each protocol id behind its length */
	uint16_t port;
	struct view ipv4, ipv6; /* hints: the addresses' bytes, one behind the other */
	struct view dohpath;
};
/* Writes the record's data. */
void dns_svcb_write(const struct dns_svcb_service *service, struct writer *w);

/* Writes the record's data without parameter `key`, and without it in `mandatory`; a `mandatory`
 * that becomes empty goes too. Returns 1 when something was removed, 0 when the copy is equal. */
int dns_svcb_write_without(struct view rdata, uint16_t key, struct writer *w) must_check;
