#include "wire/tls_record.h"

#include "base/reader.h"

enum content {
	CONTENT_CIPHER_SPEC = 20,
	CONTENT_ALERT = 21,
	CONTENT_HANDSHAKE = 22,
	CONTENT_DATA = 23,
	CONTENT_HEARTBEAT = 24,
};

/* Go's server takes every version below this one in the first record, others only 3.x. */
enum { FIRST_MAJOR_END = 0x10 };

void tls_records_open(struct view stream, uint8_t *room, size_t room_size, struct tls_records *ret)
{
	*ret = (struct tls_records){.stream = stream, .room = room, .room_size = room_size};
}

int tls_message_read(struct view bytes, struct tls_message *ret)
{
	struct reader r = reader_open(bytes.bytes, bytes.size);
	uint8_t type = read_u8(&r);
	struct view body = read_view(&r, (size_t)read_uint(&r, 3));
	if (r.failed)
		return ERR_TRUNCATED;
	*ret = (struct tls_message){
		.type = type,
		.bytes = view_of(bytes.bytes, TLS_MESSAGE_HEADER_SIZE + body.size),
		.body = body,
	};
	return OK;
}

/* Whether the bytes, as far as they are there, begin a ClientHello of SSL 2: a length with its top bit
 * set, 1, and a version. */
static bool may_be_ssl2(struct view v)
{
	if (v.size > 0 && !(v.bytes[0] & 0x80))
		return false;
	if (v.size > 2 && v.bytes[2] != TLS_CLIENT_HELLO)
		return false;
	if (v.size > 3 && v.bytes[3] != 3 && v.bytes[3] != 0)
		return false;
	return v.size < 5 || v.bytes[3] == 3 || v.bytes[4] == 2;
}

static bool is_content(uint8_t type)
{
	return type >= CONTENT_CIPHER_SPEC && type <= CONTENT_HEARTBEAT;
}

/* Whether a header that is there in part, or wholly, may be one. */
static int check_header(struct view header, bool is_first)
{
	if (is_first && header.size > 0 && (header.bytes[0] & 0x80)) {
		if (!may_be_ssl2(header))
			return ERR_MISSING;
		return header.size < TLS_RECORD_HEADER_SIZE ? ERR_TRUNCATED : ERR_VERSION;
	}
	int refusal = is_first ? ERR_MISSING : ERR_MALFORMED;
	if (header.size > 0 && !is_content(header.bytes[0]))
		return refusal;
	if (is_first && header.size > 0 && header.bytes[0] == CONTENT_DATA)
		return refusal;
	if (is_first && header.size > 1 && header.bytes[1] >= FIRST_MAJOR_END)
		return refusal;
	/* the length, by its first byte as soon as that is there */
	if (header.size > 3 && header.bytes[3] > TLS_RECORD_SIZE_MAX >> 8)
		return refusal;
	if (header.size < TLS_RECORD_HEADER_SIZE)
		return ERR_TRUNCATED;
	size_t size = (size_t)header.bytes[3] << 8 | header.bytes[4];
	return size > TLS_RECORD_SIZE_MAX ? refusal : OK;
}

static void note(struct tls_records *r, uint8_t type)
{
	r->has_alert |= type == CONTENT_ALERT;
	r->has_cipher_spec |= type == CONTENT_CIPHER_SPEC;
	r->has_data |= type == CONTENT_DATA;
}

/* Moves to the next byte of a handshake record, past records of other kinds and of no bytes. */
static int enter(struct tls_records *r)
{
	while (r->left == 0) {
		struct view rest = view_skip(r->stream, r->at);
		struct view header = rest;
		if (header.size > TLS_RECORD_HEADER_SIZE)
			header.size = TLS_RECORD_HEADER_SIZE;
		int code = check_header(header, r->at == 0);
		if (code != OK)
			return code;
		size_t size = (size_t)header.bytes[3] << 8 | header.bytes[4];
		if (header.bytes[0] == CONTENT_HANDSHAKE) {
			r->at += TLS_RECORD_HEADER_SIZE;
			r->left = size;
			continue;
		}
		note(r, header.bytes[0]);
		if (rest.size - TLS_RECORD_HEADER_SIZE < size)
			return ERR_TRUNCATED;
		r->at += TLS_RECORD_HEADER_SIZE + size;
	}
	return r->at < r->stream.size ? OK : ERR_TRUNCATED;
}

/* What is there of the record that the walk is in. */
static struct view here(const struct tls_records *r)
{
	struct view v = view_skip(r->stream, r->at);
	if (v.size > r->left)
		v.size = r->left;
	return v;
}

static void move(struct tls_records *r, size_t size)
{
	r->at += size;
	r->left -= size;
}

/* Of a message with a whole header. */
static size_t message_size(const uint8_t *header)
{
	return TLS_MESSAGE_HEADER_SIZE +
	       ((size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3]);
}

/* Copies from record after record until there are `want` bytes in the room, or as many as it holds. */
static int gather(struct tls_records *r, size_t want)
{
	size_t end = want < r->room_size ? want : r->room_size;
	while (r->part.size < end) {
		int code = enter(r);
		if (code != OK)
			return code;
		struct view v = here(r);
		if (v.size > end - r->part.size)
			v.size = end - r->part.size;
		memcpy(r->room + r->part.size, v.bytes, v.size);
		r->part.size += v.size;
		move(r, v.size);
	}
	return OK;
}

static int next_over_records(struct tls_records *r, struct tls_message *ret)
{
	r->part = view_of(r->room, 0);
	int code = gather(r, TLS_MESSAGE_HEADER_SIZE);
	if (code != OK)
		return code;
	size_t want = message_size(r->room);
	code = gather(r, want);
	if (want > r->room_size && (code == OK || code == ERR_TRUNCATED))
		return ERR_LIMIT;
	return code == OK ? tls_message_read(r->part, ret) : code;
}

int tls_records_next(struct tls_records *r, struct tls_message *ret)
{
	r->part = (struct view){0};
	int code = enter(r);
	if (code != OK)
		return code;
	struct view v = here(r);
	if (v.size >= TLS_MESSAGE_HEADER_SIZE && message_size(v.bytes) <= r->left) {
		code = tls_message_read(v, ret);
		if (code == OK)
			move(r, ret->bytes.size);
		else
			r->part = v;
		return code;
	}
	return next_over_records(r, ret);
}
