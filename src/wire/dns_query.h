/* dns_query.h - reads a query as a server must: what is asked, and how to refuse it if it is wrong.
 *
 * What:    one pure function, the first step of the hot path: no allocation, one pass.
 * Owns:    nothing: the views point into the packet. The name is a folded copy.
 * Limits:  65535 bytes.
 * Source:  RFC 1035 s4.1, RFC 6891 s6.1 and s7, RFC 8906 s3, RFC 9619 (one question), RFC 7873
 *          s5.4 (cookie without a question), RFC 8945 s5.1 and RFC 2931 s3.1 (signatures). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "wire/dname.h"
#include "wire/dns.h"
#include "wire/dns_edns.h"

enum dns_query_verdict {
	DNS_QUERY_OK,      /* one question: everything in the result is set */
	DNS_QUERY_DROP,    /* no header, or itself a response: never answer. Result untouched */
	DNS_QUERY_FORMERR, /* answer FORMERR */
	DNS_QUERY_NOTIMP,  /* opcode other than QUERY: answer NOTIMP, header only */
	DNS_QUERY_BADVERS, /* EDNS version not 0: answer BADVERS with an OPT of version 0 */
	DNS_QUERY_COOKIE,  /* no question, only a cookie: answer NOERROR with a server cookie */
};

struct dns_query {
	uint16_t id;
	uint16_t flags;       /* as sent; see enum dns_flag */
	uint16_t type, class; /* of the question */
	bool has_signature;   /* TSIG or SIG(0) at the end; not verified */
	struct view packet;
	/* Name, type and class as the client wrote them, for the echo (0x20 case). Empty until the
	 * question was read whole: an answer of FORMERR then has no question. */
	struct view question;
	struct dns_edns edns; /* is_present is false until an OPT was read */
	struct dname name;    /* unset while `question` is empty */
};

/* Unless DROP, `ret` has as much as was read before the fault, enough for dns_build_open(). */
enum dns_query_verdict dns_query_parse(struct view packet, struct dns_query *ret);

/* The response code that goes with a verdict; for DROP there is none (assert). */
uint16_t dns_query_rcode(enum dns_query_verdict verdict);

/* Bytes that an answer over UDP may have: what the client takes, at least 512, at most `udp_size_max`. */
size_t dns_query_udp_size_max(const struct dns_query *q, size_t udp_size_max);
