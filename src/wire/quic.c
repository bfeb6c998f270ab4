#include "wire/quic.h"

enum { LONG_HEADER = 0x80, FIXED_BIT = 0x40, RETRY_TAG_SIZE = 16 };

#define TYPES_V1                                                    \
	{                                                           \
		QUIC_INITIAL, QUIC_0RTT, QUIC_HANDSHAKE, QUIC_RETRY \
	}
#define TYPES_V2                                                    \
	{                                                           \
		QUIC_RETRY, QUIC_INITIAL, QUIC_0RTT, QUIC_HANDSHAKE \
	}
#define LABELS_V1                                \
	{                                        \
		"quic key", "quic iv", "quic hp" \
	}
#define LABELS_V2                                      \
	{                                              \
		"quicv2 key", "quicv2 iv", "quicv2 hp" \
	}

#define SALT_V1 "\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a"
#define SALT_V2 "\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9"
#define SALT_DRAFT_29 \
	"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99"
#define SALT_DRAFT_23 \
	"\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02"
#define SALT_DRAFT_22 \
	"\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x19\x3a\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x4a"
#define RETRY_V1                                                            \
	"\xbe\x0c\x69\x0b\x9f\x66\x57\x5a\x1d\x76\x6b\x54\xe3\x68\xc8\x4e", \
		"\x46\x15\x99\xd3\x5d\x63\x2b\xf2\x23\x98\x25\xbb"
#define RETRY_V2                                                            \
	"\x8f\xb4\xb0\x1b\x56\xac\x48\xe2\x60\xfb\xcb\xce\xad\x7c\xcc\x92", \
		"\xd8\x69\x69\xbc\x2d\x7c\x6d\x99\x90\xef\xb0\x4a"
#define RETRY_DRAFT_29                                                      \
	"\xcc\xce\x18\x7e\xd0\x9a\x09\xd0\x57\x28\x15\x5a\x6c\xb9\x6b\xe1", \
		"\xe5\x49\x30\xf9\x7f\x21\x36\xf0\x53\x0a\x8c\x1c"
#define RETRY_DRAFT_25                                                      \
	"\x4d\x32\xec\xdb\x2a\x21\x33\xc8\x41\xe4\x04\x3d\xf2\x7d\x44\x30", \
		"\x4d\x16\x11\xd0\x55\x13\xa5\x52\xc5\x87\xd5\x75"

/* Drafts are met in captures, and by clients that were never updated. Those before 25 have Retry packets without a
 * seal: none of theirs is right. */
static const struct quic_version quic_versions[] = {
	{0x00000001, TYPES_V1, SALT_V1, LABELS_V1, RETRY_V1},
	{0x6b3343cf, TYPES_V2, SALT_V2, LABELS_V2, RETRY_V2},
	{0xff000022, TYPES_V1, SALT_V1, LABELS_V1, RETRY_V1},
	{0xff000021, TYPES_V1, SALT_V1, LABELS_V1, RETRY_V1},
	{0xff000020, TYPES_V1, SALT_DRAFT_29, LABELS_V1, RETRY_DRAFT_29},
	{0xff00001f, TYPES_V1, SALT_DRAFT_29, LABELS_V1, RETRY_DRAFT_29},
	{0xff00001e, TYPES_V1, SALT_DRAFT_29, LABELS_V1, RETRY_DRAFT_29},
	{0xff00001d, TYPES_V1, SALT_DRAFT_29, LABELS_V1, RETRY_DRAFT_29},
	{0xff00001c, TYPES_V1, SALT_DRAFT_23, LABELS_V1, RETRY_DRAFT_25},
	{0xff00001b, TYPES_V1, SALT_DRAFT_23, LABELS_V1, RETRY_DRAFT_25},
	{0xff00001a, TYPES_V1, SALT_DRAFT_23, LABELS_V1, RETRY_DRAFT_25},
	{0xff000019, TYPES_V1, SALT_DRAFT_23, LABELS_V1, RETRY_DRAFT_25},
	{0xff000018, TYPES_V1, SALT_DRAFT_23, LABELS_V1, RETRY_DRAFT_25},
	{0xff000017, TYPES_V1, SALT_DRAFT_23, LABELS_V1, RETRY_DRAFT_25},
	{0xff000016, TYPES_V1, SALT_DRAFT_22, LABELS_V1, RETRY_DRAFT_25},
	/* mvfst, of drafts 22 and 27 */
	{0xfaceb001, TYPES_V1, SALT_DRAFT_22, LABELS_V1, RETRY_DRAFT_25},
	{0xfaceb002, TYPES_V1, SALT_DRAFT_23, LABELS_V1, RETRY_DRAFT_25},
	{0xfaceb00e, TYPES_V1, SALT_DRAFT_23, LABELS_V1, RETRY_DRAFT_25},
};

const struct quic_version *quic_version_at(size_t index)
{
	bool is_one = index < sizeof(quic_versions) / sizeof(*quic_versions);
	return is_one ? &quic_versions[index] : NULL;
}

const struct quic_version *quic_version_find(uint32_t version)
{
	for (size_t i = 0; i < sizeof(quic_versions) / sizeof(*quic_versions); i++)
		if (quic_versions[i].version == version)
			return &quic_versions[i];
	return NULL;
}

static struct view read_id(struct reader *r)
{
	size_t size = read_u8(r);
	return read_view(r, size);
}

static struct view read_rest(struct reader *r)
{
	return read_view(r, reader_left(r));
}

static int read_retry(struct reader *r, struct quic_packet *p)
{
	if (reader_left(r) < RETRY_TAG_SIZE)
		return ERR_TRUNCATED;
	p->token = read_view(r, reader_left(r) - RETRY_TAG_SIZE);
	(void)read_rest(r);
	return OK;
}

/* What has a length and a packet number: Initial, 0-RTT, Handshake. */
static int read_numbered(struct reader *r, struct quic_packet *p)
{
	if (p->type == QUIC_INITIAL) {
		uint64_t size = quic_read_value(r);
		if (size > reader_left(r))
			return ERR_TRUNCATED;
		p->token = read_view(r, (size_t)size);
	}
	uint64_t size = quic_read_value(r);
	if (r->failed || size > reader_left(r))
		return ERR_TRUNCATED;
	p->number_at = (size_t)(r->at - p->bytes.bytes);
	(void)read_bytes(r, (size_t)size);
	return OK;
}

static int read_negotiation(struct reader *r, struct quic_packet *p)
{
	p->type = QUIC_VERSION_NEGOTIATION;
	p->versions = read_rest(r);
	return p->versions.size && p->versions.size % 4 == 0 ? OK : ERR_MALFORMED;
}

static int read_unknown(struct reader *r, struct quic_packet *p)
{
	p->type = QUIC_UNKNOWN_VERSION;
	(void)read_rest(r);
	return OK;
}

/* Clients write such packets as the version that they would like: if it is not that, nothing is known of it. */
static int read_reserved(struct reader *r, uint8_t first, struct quic_packet *p)
{
	struct reader from = *r;
	p->type = quic_versions[0].types[first >> 4 & 3];
	if (p->type == QUIC_INITIAL && p->dcid.size <= QUIC_ID_SIZE_MAX &&
	    p->scid.size <= QUIC_ID_SIZE_MAX && read_numbered(r, p) == OK && !r->failed)
		return OK;
	*r = from;
	p->token = (struct view){0};
	p->number_at = 0;
	return read_unknown(r, p);
}

static int read_by_version(struct reader *r, uint8_t first, struct quic_packet *p)
{
	if (p->version == 0)
		return read_negotiation(r, p);
	const struct quic_version *version = quic_version_find(p->version);
	if (!version && quic_version_is_reserved(p->version))
		return read_reserved(r, first, p);
	if (!version)
		return read_unknown(r, p);
	if (p->dcid.size > QUIC_ID_SIZE_MAX || p->scid.size > QUIC_ID_SIZE_MAX)
		return ERR_MALFORMED;
	p->type = version->types[first >> 4 & 3];
	return p->type == QUIC_RETRY ? read_retry(r, p) : read_numbered(r, p);
}

static int read_long(struct reader *r, uint8_t first, struct quic_packet *p)
{
	p->version = read_u32(r);
	p->dcid = read_id(r);
	p->scid = read_id(r);
	return r->failed ? ERR_TRUNCATED : read_by_version(r, first, p);
}

int quic_read(struct view bytes, struct quic_packet *ret)
{
	struct reader r = reader_open(bytes.bytes, bytes.size);
	uint8_t first = read_u8(&r);
	if (r.failed)
		return ERR_TRUNCATED;
	struct quic_packet p = {.bytes = bytes, .type = QUIC_SHORT};
	int code = OK;
	if (first & LONG_HEADER)
		code = read_long(&r, first, &p);
	else
		code = first & FIXED_BIT ? (read_rest(&r), OK) : ERR_MALFORMED;
	if (code)
		return code;
	p.bytes.size = (size_t)(r.at - bytes.bytes);
	*ret = p;
	return OK;
}
