/* What clients say, to a fake host with bytes that come in pieces.
 *
 * Input: one byte (bits 0 and 1: DNS, HTTP/1.1 or HTTP/2; bit 2: every second answer comes later), one byte with
 * the size of the pieces, then the client's bytes. However they are cut, each query is in its limits, each
 * that was promised an answer can be given it, and nothing is leaked. */
#include <assert.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "net/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { WAITING_MAX = 8, ANSWER_SIZE = 64 };

static struct host {
	struct session session; /* first */
	uint32_t waiting[WAITING_MAX];
	unsigned waiting_count, queries;
	size_t sent;
	bool answers_later;
} host;

static uint8_t room[SESSION_ANSWER_SIZE_MAX];

static bool may_ask(const struct session *s)
{
	(void)s;
	return host.waiting_count < WAITING_MAX;
}

static int query(struct session *s, uint32_t stream, struct view query)
{
	assert(query.size > 0 && query.size <= SESSION_QUERY_SIZE_MAX && may_ask(s));
	host.queries++;
	if (host.answers_later && host.queries % 2) {
		host.waiting[host.waiting_count++] = stream;
		return SESSION_LATER;
	}
	memset(s->room, 0, ANSWER_SIZE);
	return query.bytes[0] == 0xff ? 0 : ANSWER_SIZE;
}

static void send_bytes(struct session *s, struct view bytes)
{
	(void)s;
	assert(bytes.size <= SESSION_SEND_SIZE_MAX);
	host.sent += bytes.size;
}

static void answer_one(void)
{
	uint32_t stream = host.waiting[--host.waiting_count];
	if (!host.session.is_over)
		host.session.kind->answer(&host.session, stream,
		                          view_of(room, host.queries % 3 ? ANSWER_SIZE : 0));
}

/* As a connection does it: what is not taken comes again. */
static void feed(struct view bytes, size_t piece)
{
	struct buffer held = {0};
	while (bytes.size && !host.session.is_over) {
		size_t size = bytes.size < piece ? bytes.size : piece;
		buffer_add(&held, bytes.bytes, size);
		bytes = view_skip(bytes, size);
		int taken = host.session.kind->input(&host.session, buffer_view(&held));
		if (taken < 0)
			break;
		assert((size_t)taken <= held.size);
		held.size -= (size_t)taken;
		memmove(held.bytes, held.bytes + taken, held.size);
		if (host.waiting_count == WAITING_MAX || size % 2)
			while (host.waiting_count)
				answer_one();
	}
	buffer_done(&held);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct session_kind *const kinds[] = {&session_dns, &session_http1,
	                                                   &session_http2, &session_http2};
	static const struct session_host functions = {query, send_bytes, may_ask};
	if (size < 2)
		return 0;
	host = (struct host){.session = {.kind = kinds[bytes[0] & 3],
	                                 .host = &functions,
	                                 .room = room,
	                                 .path = view_text("/dns-query")},
	                     .answers_later = bytes[0] & 4};
	struct session *s = &host.session;
	if (s->kind->open && s->kind->open(s) < 0)
		abort();
	feed(view_of(bytes + 2, size - 2), bytes[1] ? bytes[1] * 8U : size);
	while (host.waiting_count)
		answer_one();
	if (s->kind->say_goodbye)
		s->kind->say_goodbye(s);
	if (s->kind->close)
		s->kind->close(s);
	return 0;
}
