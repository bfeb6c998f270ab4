/* DNS over HTTP/1.1. A client may send requests ahead; they are answered one after the other, as HTTP/1.1
 * has it. Source: RFC 8484, RFC 9112 s9.3. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/session.h"
#include "wire/doh.h"
#include "wire/http1.h"

enum { BAD_REQUEST = 400, NOT_ALLOWED = 405, SERVER_ERROR = 500, HEAD_SIZE_MAX = 256 };

struct http1 {
	bool waits;          /* for the answer to the request before */
	bool was_told_to_go; /* the client may send the body */
	bool closes;         /* after the answer */
};

static int open_state(struct session *s)
{
	s->state = calloc(1, sizeof(struct http1));
	return s->state ? OK : -ENOMEM;
}

static void close_state(struct session *s)
{
	free(s->state);
}

static void send_text(struct session *s, const char *text, int size)
{
	s->host->send(s, view_of(text, (size_t)size));
}

/* Ends the request: what comes next is another, or nothing. */
static void end_request(struct session *s)
{
	struct http1 *h = s->state;
	s->is_over = h->closes;
	*h = (struct http1){0};
}

static void refuse(struct session *s, int status)
{
	const struct http1 *h = s->state;
	char head[HEAD_SIZE_MAX];
	send_text(s, head,
	          snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\nContent-Length: 0\r\n%s%s\r\n",
	                   status, http1_reason(status),
	                   status == NOT_ALLOWED ? "Allow: GET, POST\r\n" : "",
	                   h->closes ? "Connection: close\r\n" : ""));
	end_request(s);
}

static void send_answer(struct session *s, struct view answer)
{
	const struct http1 *h = s->state;
	char head[HEAD_SIZE_MAX];
	send_text(s, head,
	          snprintf(head, sizeof(head),
	                   "HTTP/1.1 200 OK\r\nContent-Type: " DOH_CONTENT_TYPE
	                   "\r\nContent-Length: %zu\r\nCache-Control: max-age=%u\r\n%s\r\n",
	                   answer.size, doh_max_age(answer),
	                   h->closes ? "Connection: close\r\n" : ""));
	s->host->send(s, answer);
	end_request(s);
}

static void answer_later(struct session *s, uint32_t stream, struct view answer)
{
	(void)stream;
	if (answer.size)
		send_answer(s, answer);
	else
		refuse(s, SERVER_ERROR);
}

static void ask(struct session *s, const struct doh_request *request, struct view body)
{
	struct http1 *h = s->state;
	uint8_t room[DOH_QUERY_SIZE_MAX];
	struct view query;
	int status = doh_query(request, body, room, sizeof(room), &query);
	if (status != OK) {
		refuse(s, status);
		return;
	}
	h->waits = true;
	int size = s->host->query(s, 0, query);
	if (size > 0)
		send_answer(s, view_of(s->room, (size_t)size));
	else if (size != SESSION_LATER)
		refuse(s, BAD_REQUEST);
}

/* Takes one request: its size, or 0 when there is more to come. */
static size_t take_request(struct session *s, struct view bytes)
{
	struct http1 *h = s->state;
	struct http1_request r;
	int status = http1_parse(bytes, &r);
	if (status == ERR_TRUNCATED)
		return 0;
	if (status != OK) {
		h->closes = s->is_malformed = true; /* where would the next one begin? */
		refuse(s, status);
		return bytes.size;
	}
	struct view body = view_skip(bytes, r.head_size);
	struct doh_request request = {r.method, r.target, r.content_type, r.body_size};
	status = doh_check(&request, s->path);
	h->closes = r.wants_close || (status != OK && body.size < r.body_size);
	if (status != OK) {
		refuse(s, status);
		return s->is_over ? bytes.size : r.head_size + (size_t)r.body_size;
	}
	if (body.size < r.body_size) {
		if (r.wants_go_ahead && !h->was_told_to_go)
			s->host->send(s, view_text("HTTP/1.1 100 Continue\r\n\r\n"));
		h->was_told_to_go = true;
		return 0;
	}
	body.size = (size_t)r.body_size;
	ask(s, &request, body);
	return r.head_size + body.size;
}

static int input(struct session *s, struct view bytes)
{
	const struct http1 *h = s->state;
	size_t at = 0, taken = 1;
	while (taken && at < bytes.size && !s->is_over && !h->waits && s->host->may_ask(s)) {
		taken = take_request(s, view_skip(bytes, at));
		at += taken;
	}
	return (int)at;
}

const struct session_kind session_http1 = {
	.name = "http/1.1",
	.open = open_state,
	.input = input,
	.answer = answer_later,
	.close = close_state,
};
