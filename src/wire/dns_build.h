/* dns_build.h - writes an answer, record by record.
 *
 *	struct dns_builder b;
 *	dns_build_open(&b, room, size_max, query, DNS_RCODE_NOERROR, &opt);
 *	dns_build_address(&b, &query->name, 60, view_of(address, 4));
 *	int size = dns_build_close(&b);
 *
 * What:    names are compressed against the question and what was written before. A record that does
 *          not fit in `size_max` is left out whole with all after it, and TC is set (unless it was
 *          only of the additional section). Room for the OPT record is kept from the start.
 * Fails:   sticky, dns_build_close() says it: ERR_LIMIT when not even header, question and OPT fit;
 *          ERR_INVALID when sections are written out of order or data is over 65535 bytes.
 * Owns:    nothing: `room`, `query` and `opt` outlive the builder.
 * Source:  RFC 1035 s4.1, RFC 2181 s9 (TC), RFC 6891 s7, RFC 6840 s5.7. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/dname.h"
#include "wire/dns_edns.h"
#include "wire/dns_message.h"
#include "wire/dns_pack.h"
#include "wire/dns_query.h"
#include "wire/dns_rdata.h"

struct dns_builder {
	struct dns_pack pack;
	const struct dns_opt *opt;
	uint8_t *end; /* of the room, the part kept for OPT included */
	uint16_t id, flags, rcode;
	enum dns_section section; /* of the last record */
	bool truncated;           /* something was left out */
	int error;
};

/* Header (QR, RA, and RD, CD and opcode as the query has them) and the client's own question bytes,
 * if it has any. `opt` is NULL when the client sent none; then an rcode over 15 becomes SERVFAIL. */
void dns_build_open(struct dns_builder *b, uint8_t *room, size_t size_max,
                    const struct dns_query *query, uint16_t rcode, const struct dns_opt *opt);
/* Sets AA or AD in the header. */
void dns_build_flags(struct dns_builder *b, uint16_t flags);

/* A or AAAA into the answer section, after the size of `address`. */
void dns_build_address(struct dns_builder *b, const struct dname *owner, uint32_t ttl,
                       struct view address);
void dns_build_cname(struct dns_builder *b, const struct dname *owner, uint32_t ttl,
                     const struct dname *target);
/* Into the authority section, as a negative answer wants it. */
void dns_build_soa(struct dns_builder *b, const struct dname *owner, uint32_t ttl,
                   const struct dns_soa *soa);
/* Any record of class IN; `rdata` is written as it is and so has no compressed names. */
void dns_build_record(struct dns_builder *b, enum dns_section section, const struct dname *owner,
                      uint16_t type, uint32_t ttl, struct view rdata);

/* Bytes that the texts of the OPT record may take: what is left of the room. */
size_t dns_build_left(const struct dns_builder *b);
/* Writes the OPT record and the counts. Returns the size of the message. */
int dns_build_close(struct dns_builder *b) must_check;
