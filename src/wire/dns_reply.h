/* dns_reply.h - the short answers that need no upstream: errors, truncation, and the answer to ANY.
 *
 * What:    pure; each function writes one whole message into `room` and returns its size, 0 when not even
 *          the least answer fits. An extended error goes out only to clients that sent EDNS.
 * Source:  RFC 8914 (extended errors), RFC 8482 s4.2 (ANY), RFC 6891 s7, RFC 7828 (keepalive). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wire/dns_edns.h"
#include "wire/dns_query.h"

/* What is answered, and the OPT record that the answer begins from: NULL when the client sent none. */
struct dns_reply {
	const struct dns_query *query;
	const struct dns_opt *opt;
};

/* The same record with an extended error. */
struct dns_opt dns_reply_opt_ede(const struct dns_opt *opt, uint16_t code, struct view text);

enum { DNS_REPLY_NO_EDE = -1 };

/* No records; `ede` is DNS_REPLY_NO_EDE or a code, `text` may be NULL. */
size_t dns_reply_error(const struct dns_reply *r, uint16_t rcode, int ede, const char *text,
                       uint8_t *room, size_t size_max);
/* No records and TC: "ask again over TCP". */
size_t dns_reply_truncated(const struct dns_reply *r, uint8_t *room, size_t size_max);
/* A HINFO record that says that ANY is not answered in full. */
size_t dns_reply_any(const struct dns_reply *r, uint8_t *room, size_t size_max);
