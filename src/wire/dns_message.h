/* dns_message.h - walks the records of any message.
 *
 *	struct dns_walk w;
 *	int r = dns_walk_open(message, &w);          // header; the questions are passed over
 *	struct dns_record record;
 *	while (r >= 0 && (r = dns_walk_next(&w, &record)) > 0)
 *		...
 *	return r;                                    // OK: every byte belongs to a counted record
 *
 * Owns:    nothing: views point into the message. Owner names are decompressed only on demand.
 * Fails:   ERR_TRUNCATED when the message ends before its counts do; ERR_MALFORMED for bytes after
 *          the last record and bad names. Errors are sticky: the walk does not go on.
 * Source:  RFC 1035 s4, RFC 2181 s8 (TTL with the top bit set is 0). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/dname.h"
#include "wire/dns.h"
#include "wire/dns_name.h"

enum dns_section { DNS_QUESTION, DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS };

struct dns_header {
	uint16_t id;
	uint16_t flags;
	uint16_t counts[DNS_SECTIONS];
};

struct dns_question {
	struct dname name;
	uint16_t type, class;
	size_t end; /* offset after it */
};

struct dns_record {
	enum dns_section section;
	uint16_t type, class;
	uint32_t ttl;                     /* seconds; for OPT the field as it stands */
	size_t at, ttl_at, rdata_at, end; /* offsets in the message; `at` is the owner's name */
	struct view rdata;
};

struct dns_walk {
	struct view message;
	struct dns_header header;
	/* below: private */
	size_t at;
	enum dns_section section;
	uint16_t left; /* records of `section` */
	int error;
};

/* ERR_TRUNCATED below 12 bytes. */
int dns_header_parse(struct view message, struct dns_header *ret) must_check;
/* Reads the question; ERR_MALFORMED when there is not exactly one. */
int dns_question_parse(struct view message, struct dns_question *ret) must_check;

int dns_walk_open(struct view message, struct dns_walk *ret) must_check;
/* A walk that starts at the first record, for who has read the header and the questions already. */
struct dns_walk dns_walk_from(struct view message, const struct dns_header *header, size_t at);
/* 1 with a record, 0 after the last, or an error. */
int dns_walk_next(struct dns_walk *w, struct dns_record *ret) must_check;

/* The record's owner. */
int dns_record_name(struct view message, const struct dns_record *r, struct dname *ret) must_check;
