/* Messages behind a length of two bytes. Source: RFC 1035 s4.2.2, RFC 7766 s8, RFC 7858 s3.3. */
#include "net/session.h"

enum { PREFIX = 2 };

static void send_message(struct session *s, struct view message)
{
	uint8_t prefix[PREFIX] = {(uint8_t)(message.size >> 8), (uint8_t)message.size};
	if (message.size == 0)
		return;
	s->host->send(s, view_of(prefix, sizeof(prefix)));
	s->host->send(s, message);
}

static void answer(struct session *s, uint32_t stream, struct view message)
{
	(void)stream;
	send_message(s, message);
}

static int input(struct session *s, struct view bytes)
{
	size_t at = 0;
	while (bytes.size - at >= PREFIX && s->host->may_ask(s)) {
		size_t size = (size_t)bytes.bytes[at] << 8 | bytes.bytes[at + 1];
		if (size == 0 || size > SESSION_QUERY_SIZE_MAX)
			return ERR_MALFORMED;
		if (bytes.size - at < PREFIX + size)
			break;
		int answered = s->host->query(s, 0, view_of(bytes.bytes + at + PREFIX, size));
		if (answered > 0)
			send_message(s, view_of(s->room, (size_t)answered));
		at += PREFIX + size;
	}
	return (int)at;
}

const struct session_kind session_dns = {.name = "dns", .input = input, .answer = answer};
