/* dns_rdata.h - what stands inside the data of a record.
 *
 * What:    one table says where names stand in each type that may hold them compressed; reading the
 *          target and copying to another message both follow from it.
 * Fails:   ERR_MALFORMED when a name runs over the record's end or the data is too short;
 *          ERR_MISSING when the type has no name.
 * Source:  RFC 1035 s3.3, RFC 3597 s4, RFC 2782, RFC 3403, RFC 4034, RFC 6672, RFC 9460. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/dname.h"
#include "wire/dns_message.h"

struct dns_soa {
	struct dname primary, mailbox;
	uint32_t serial, refresh, retry, expire, minimum;
};

/* Reads the first name in the data: the target of CNAME, NS, PTR, DNAME, MX, SRV, SVCB, HTTPS;
 * of SOA the primary server. */
int dns_rdata_name(struct view message, const struct dns_record *r, struct dname *ret) must_check;
int dns_rdata_soa(struct view message, const struct dns_record *r, struct dns_soa *ret) must_check;

/* The address in an A or AAAA record of class IN: 4 or 16 bytes. ERR_MALFORMED for another size,
 * ERR_MISSING for another type. */
int dns_rdata_address(const struct dns_record *r, struct view *ret) must_check;

/* How data of a type is made up, for whoever copies it: each step is a count of plain bytes, a name,
 * or a character string. */
enum dns_rdata_step {
	DNS_RDATA_END = 0, /* nothing may follow */
	/* 1 to 250: so many plain bytes */
	DNS_RDATA_REST = 252,       /* all that is left is plain; the last step */
	DNS_RDATA_STRING = 253,     /* a length byte and so many bytes */
	DNS_RDATA_NAME = 254,       /* may be compressed when written (RFC 1035 types only) */
	DNS_RDATA_NAME_PLAIN = 255, /* never compressed when written */
};
/* Never NULL: for types without names the one step is DNS_RDATA_REST. */
const uint8_t *dns_rdata_steps(uint16_t type);
