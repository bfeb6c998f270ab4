/* dns_pack.h - writes a message with name compression: what the builder and the copiers share.
 *
 * What:    a sticky writer, the counts, and a small table of where names stand. Names over the table's
 *          size are still right, only longer.
 * Limits:  48 remembered name suffixes, at offsets a pointer can say (16383).
 * Source:  RFC 1035 s4.1.4; RFC 3597 s4 (which types may be compressed). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "base/writer.h"
#include "wire/dname.h"
#include "wire/dns_message.h"

enum { DNS_PACK_NAMES_MAX = 48 };

struct dns_pack {
	struct writer out; /* out.begin is the message's first byte */
	uint16_t counts[DNS_SECTIONS];
	/* below: private */
	unsigned names;
	uint16_t name_at[DNS_PACK_NAMES_MAX];  /* where a suffix begins in the message */
	uint8_t name_size[DNS_PACK_NAMES_MAX]; /* its size when expanded */
};

/* Leaves the header's 12 bytes free for dns_pack_close(). */
void dns_pack_open(struct dns_pack *p, uint8_t *room, size_t size);
/* Writes the question's bytes, uncompressed as they are, and remembers its name. */
void dns_pack_question(struct dns_pack *p, struct view question);
void dns_pack_name(struct dns_pack *p, const struct dname *name, bool compress);

/* Owner, type, class, TTL and an RDLENGTH to be filled in by dns_pack_end. Returns its place. */
uint8_t *dns_pack_begin(struct dns_pack *p, const struct dname *owner, uint16_t type,
                        uint16_t class, uint32_t ttl);
void dns_pack_end(struct dns_pack *p, enum dns_section section, uint8_t *rdlength);

/* Copies a record of `message`, names expanded and compressed anew, their case kept. OK, or
 * ERR_TRUNCATED, ERR_MALFORMED, ERR_LIMIT for bad data; a full writer shows in out.failed. */
int dns_pack_copy(struct dns_pack *p, struct view message, const struct dns_record *r) must_check;

/* A point to come back to when a record did not fit. */
struct dns_pack_mark {
	uint8_t *at;
	unsigned names;
};
struct dns_pack_mark dns_pack_mark(const struct dns_pack *p);
void dns_pack_rewind(struct dns_pack *p, struct dns_pack_mark mark);

/* Writes the header. Returns the size, or ERR_LIMIT when the writer is full. */
int dns_pack_close(struct dns_pack *p, uint16_t id, uint16_t flags) must_check;
