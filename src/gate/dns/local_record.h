/* local_record.h - one line of a zone file.
 *
 *	www 300 A 192.0.2.1
 *	@ IN MX 10 mail
 *	_sip._tcp SRV 10 5 5060 sip.corp.example.
 *	note TXT "two" words
 *
 * What:    a pure function. Names without a final dot are relative to the origin, `@` is the origin. Types:
 *          A AAAA CNAME PTR TXT MX SRV. The class may only be IN. No comments, brackets or wildcards.
 * Source:  RFC 1035 s5.1, RFC 2782. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/dname.h"

enum { LOCAL_RDATA_MAX = 2048, LOCAL_TTL = 3600, LOCAL_TTL_MAX = 604800 };

struct local_record {
	struct dname owner;
	uint16_t type;
	uint32_t ttl;
	uint16_t size;
	uint8_t rdata[LOCAL_RDATA_MAX];
};

struct local_fault {
	size_t at;            /* offset of the word in the line */
	struct view word;     /* empty: the line ends too early */
	const char *expected; /* a static phrase: "an IPv4 address" */
};

/* ERR_MALFORMED with *ret_fault. */
int local_record_parse(struct view line, const struct dname *origin, struct local_record *ret,
                       struct local_fault *ret_fault) must_check;
