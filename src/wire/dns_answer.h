/* dns_answer.h - from an upstream's answer to the answers of many clients.
 *
 * What:    prepare once: check every byte, drop the upstream's OPT, compress anew, note where the TTLs
 *          stand, and keep two forms, with DNSSEC records and without. Emit per client: one copy and
 *          a few patches. A prepared answer is one flat block without pointers, so a cache may copy,
 *          store and map it.
 * Owns:    nothing: the block is the caller's memory, aligned to 8.
 * Limits:  65535 bytes an answer, 4096 records.
 * Source:  RFC 1035 s4.1, RFC 2308 s3 and s5 (negative TTL), RFC 2181 s8 and s9, RFC 4035 s3.2.1 (DO),
 *          RFC 6840 s5.7 and s5.8 (AD), RFC 8767 (stale). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/dns_edns.h"
#include "wire/dns_message.h"
#include "wire/dns_query.h"

enum {
	DNS_ANSWER_RECORDS_MAX = 4096,
	DNS_STALE_TTL = 30, /* seconds: RFC 8767 s4 */
};

/* One form of the answer: a whole message, and the offsets in it of the TTLs, one a record. */
struct dns_form {
	uint32_t wire_at, wire_size; /* in the block */
	uint32_t ttl_at;             /* in the block: uint16_t each */
};

struct dns_prepared {
	uint32_t size; /* of the whole block */
	uint32_t
		ttl_min; /* seconds that it may be kept; 0: not at all (negative without SOA, failure) */
	uint16_t question_size;
	uint8_t rcode;
	bool is_negative; /* NXDOMAIN, or no record of the type asked for at the end of the chain */
	bool is_authenticated; /* the upstream set AD */
	bool is_authoritative; /* AA goes out; never as the upstream had it */
	bool has_ede;          /* the upstream gave an extended error */
	uint16_t ede_code;
	struct dns_form forms[2]; /* [0] without DNSSEC records, [1] with; may be the same bytes */
};

/* Writes the block into `room`. Returns its size, or ERR_TRUNCATED, ERR_MALFORMED (also: not a response,
 * TC set, not exactly one question), ERR_LIMIT (`room` too small, too many records), ERR_INVALID (an
 * extended response code, which concerns only us and the upstream).
 * Four times the answer's size + 1024 is room enough for any usual answer. */
int dns_answer_prepare(struct view wire, void *room, size_t room_size) must_check;

/* How one client gets it. */
struct dns_emit {
	uint32_t age;  /* seconds since it was received: taken off every TTL, down to 0 */
	bool is_stale; /* TTLs are DNS_STALE_TTL instead */
	bool keep_ad;  /* AD may go out, when the client asked (AD or DO) */
	const struct dns_opt *opt; /* NULL when the client sent no OPT */
};

/* Writes the answer to `query`, at most `size_max` bytes: over it, additional records go first, then,
 * with TC, the last of the others. Returns the size; ERR_LIMIT when not even header, question and OPT
 * fit; ERR_INVALID when the question's size is another's. The caller has compared the questions. */
int dns_answer_emit(const struct dns_prepared *p, const struct dns_query *query,
                    const struct dns_emit *emit, uint8_t *room, size_t size_max) must_check;
