/* tls_record.h - walks the records of a TLS stream and gathers the handshake messages that lie in them.
 *
 *	struct tls_records r;
 *	struct tls_message m;
 *	tls_records_open(stream, room, sizeof(room), &r);
 *	int code;
 *	while ((code = tls_records_next(&r, &m)) == OK)
 *		... m.type, m.body ...
 *
 * What:    a pure function over the first bytes of one direction. It takes what any end host may take:
 *          records of no bytes, many messages in a record, a message over many records, and alerts, cipher
 *          spec changes, heartbeats and early data between the records of one message; the version of a
 *          record means nothing (RFC 8446 s5.1). A message is given as soon as its own bytes are there,
 *          though its record may go on.
 * Owns:    nothing. A message that lies in one record is a view into the stream; one that does not is
 *          copied to `room`, and lives until the next call.
 * Fails:   ERR_TRUNCATED  more of the stream may complete the next message
 *          ERR_MISSING    the stream does not begin as TLS does
 *          ERR_VERSION    it begins with a ClientHello of SSL 2 (RFC 6101 appendix E): old servers take
 *                         those, and it names nobody
 *          ERR_LIMIT      the next message lies in many records and is larger than `room`
 *          ERR_MALFORMED  it began as TLS and does not go on so
 *          After ERR_TRUNCATED and ERR_LIMIT `part` has what came of the next message, its header first.
 * Limits:  TLS_RECORD_SIZE_MAX bytes a record, `room_size` a message over many.
 * Source:  RFC 8446 s4 and s5.1, RFC 5246 s6.2.1 and s7.4, RFC 6520. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum {
	TLS_RECORD_HEADER_SIZE = 5,
	TLS_RECORD_SIZE_MAX = (1 << 14) + 2048, /* of TLS 1.2, sealed */
	TLS_MESSAGE_HEADER_SIZE = 4,
};

enum tls_message_type {
	TLS_HELLO_REQUEST = 0,
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
};

struct tls_message {
	uint8_t type;
	struct view bytes; /* with its header */
	struct view body;  /* without */
};

struct tls_records {
	struct view stream;
	uint8_t *room;
	size_t room_size;
	size_t at;   /* how far into the stream the walk came */
	size_t left; /* of the handshake record that it is in, there or not */
	bool has_alert, has_cipher_spec, has_data; /* met on the way */
	struct view part;
};

/* `stream` begins with the direction's first byte; `room` has at least TLS_MESSAGE_HEADER_SIZE bytes. */
void tls_records_open(struct view stream, uint8_t *room, size_t room_size, struct tls_records *ret);
/* After a failure the walk is over: open it again when more of the stream came. */
int tls_records_next(struct tls_records *r, struct tls_message *ret) must_check;

/* The first message of bytes that lie in no records, as in QUIC's CRYPTO frames. OK or ERR_TRUNCATED. */
int tls_message_read(struct view bytes, struct tls_message *ret) must_check;
