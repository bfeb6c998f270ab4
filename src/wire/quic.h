/* quic.h - reads the headers of QUIC packets, one after the other in a datagram.
 *
 * What:    quic_read() reads the packet that `bytes` begin with; the next one of the same datagram begins
 *          behind `ret->bytes`. Nothing is decrypted: quic_initial.h does that. The fixed bit may be zero
 *          (RFC 9287); of a version that is not in quic_versions[] only what RFC 8999 promises is read.
 * Owns:    nothing; the views point into the bytes.
 * Fails:   ERR_TRUNCATED where the bytes end before what the header says does, ERR_MALFORMED where no
 *          further bytes help. A datagram is whole: for it both mean that the rest is not QUIC.
 * Limits:  connection ids of QUIC_ID_SIZE_MAX bytes in versions that are known, 255 in others.
 * Source:  RFC 9000 s16 and s17, RFC 9369 s3, RFC 8999 s5; draft-ietf-quic-transport-22 to -34.
 *
 * To add a version: one row in quic_versions[], its keys in quic_initial.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reader.h"
#include "base/view.h"

enum {
	QUIC_ID_SIZE_MAX = 20,
	QUIC_DATAGRAM_SIZE_MIN = 1200 /* of one with an Initial of a client */
};
#define QUIC_VALUE_MAX ((UINT64_C(1) << 62) - 1)

enum quic_type {
	QUIC_INITIAL,
	QUIC_0RTT,
	QUIC_HANDSHAKE,
	QUIC_RETRY,
	QUIC_VERSION_NEGOTIATION,
	QUIC_UNKNOWN_VERSION, /* a long header, and no more is known */
	QUIC_SHORT            /* its id's length is known to its receiver only: no view is set */
};

struct quic_packet {
	enum quic_type type;
	uint32_t version;
	struct view bytes; /* the whole packet; for the last four types all that is left */
	struct view dcid, scid;
	struct view token;    /* Initial, Retry */
	struct view versions; /* Version Negotiation: 4 bytes each */
	size_t number_at; /* Initial, 0-RTT, Handshake: where in `bytes` the packet number begins */
};

int quic_read(struct view bytes, struct quic_packet *ret) must_check;

/* A version that is known. */
struct quic_version {
	uint32_t version;
	enum quic_type types[4]; /* by the two type bits */
	const char *salt;        /* of the Initial secret, QUIC_SALT_SIZE bytes */
	const char *labels[3];   /* key, iv, hp */
	const char *retry_key, *retry_nonce;
};
enum { QUIC_SALT_SIZE = 20 };
#define QUIC_VERSION_1 0x00000001
#define QUIC_DRAFT_29  0xff00001d
/* Offered to be told which versions a server knows (RFC 9000 s15): none knows it. */
static inline bool quic_version_is_reserved(uint32_t version)
{
	return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
}
/* All that are known, from 0 on; NULL behind the last. */
const struct quic_version *quic_version_at(size_t index);
/* NULL for one that is not known, and for a reserved one, though its Initials are read as those of version 1. */
const struct quic_version *quic_version_find(uint32_t version);

/* A variable-length integer (RFC 9000 s16), also when it could be shorter. */
static inline uint64_t quic_read_value(struct reader *r)
{
	uint8_t first = read_u8(r);
	uint64_t value = first & 0x3f;
	for (unsigned i = (1U << (first >> 6)) - 1; i; i--)
		value = value << 8 | read_u8(r);
	return r->failed ? 0 : value;
}
