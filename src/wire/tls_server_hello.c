#include "wire/tls_server_hello.h"

#include "wire/tls_record.h"

enum { RANDOM_AT = TLS_MESSAGE_HEADER_SIZE + 2, RANDOM_SIZE = 32 };
enum { HEAD_SIZE = RANDOM_AT + RANDOM_SIZE };
/* for a HelloRetryRequest that lies in many records: what follows it is read too */
enum { ROOM_SIZE = 1024 };

/* SHA-256 of "HelloRetryRequest" */
static const uint8_t retry_random[RANDOM_SIZE] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
	0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
	0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

int tls_answer_read_message(struct view message, enum tls_answer *ret)
{
	bool may_be_request = message.size < TLS_MESSAGE_HEADER_SIZE && message.size > 0 &&
	                      message.bytes[0] == TLS_HELLO_REQUEST;
	if (message.size > 0 && message.bytes[0] != TLS_SERVER_HELLO && !may_be_request)
		return ERR_MALFORMED;
	if (message.size < HEAD_SIZE)
		return ERR_TRUNCATED;
	bool is_retry = memcmp(message.bytes + RANDOM_AT, retry_random, RANDOM_SIZE) == 0;
	*ret = is_retry ? TLS_ANSWER_RETRY : TLS_ANSWER_HELLO;
	return OK;
}

int tls_answer_read(struct view stream, enum tls_answer *ret)
{
	uint8_t room[ROOM_SIZE];
	struct tls_records r;
	struct tls_message m;
	enum tls_answer answer = TLS_ANSWER_ALERT;
	bool is_retried = false;
	tls_records_open(stream, room, sizeof(room), &r);
	for (;;) {
		int walk = tls_records_next(&r, &m);
		int code = OK;
		if (r.has_alert)
			answer = TLS_ANSWER_ALERT;
		else if (walk == OK && m.type == TLS_HELLO_REQUEST && !is_retried)
			continue; /* a client that has said hello ignores it */
		else if (walk == OK || walk == ERR_LIMIT || walk == ERR_TRUNCATED)
			code = tls_answer_read_message(walk == OK ? m.bytes : r.part, &answer);
		else
			code = walk;
		if (code != OK && !is_retried)
			return code;
		if (code == OK && walk == OK && answer == TLS_ANSWER_RETRY) {
			is_retried = true;
			continue;
		}
		*ret = answer;
		return OK;
	}
}
