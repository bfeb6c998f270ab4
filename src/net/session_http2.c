/* DNS over HTTP/2. Whatever a client can make grow has a limit:
 *
 *	streams        STREAMS_MAX at a time; more, or too many questions or unread bytes, are refused
 *	heads          HEAD_SIZE_MAX bytes a request (431), nghttp2's limit of CONTINUATION frames
 *	bodies         DOH_QUERY_SIZE_MAX (413)
 *	HPACK          the standard's 4 KiB in either direction
 *	all else       each frame that is not part of a request that we answer costs, each answer pays back;
 *	               who has nothing left is told to be calm, and closed (rapid reset and every other flood)
 *
 * Source: RFC 9113 s10.5, RFC 8484, CVE-2023-44487. */
#include <assert.h>
#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "net/session.h"
#include "wire/doh.h"

enum {
	STREAMS_MAX = 100,
	HEAD_SIZE_MAX = 8 * 1024,
	FIELD_OVERHEAD = 32, /* as RFC 9113 s6.5.2 counts */
	HELD_SIZE_MAX = 256 * 1024,
	CREDIT_MAX = 400,
	CREDIT_OF_ANSWER = 4,
	BAD_REQUEST = 400,
	TOO_LARGE = 413,
	HEAD_TOO_LARGE = 431,
	SERVER_ERROR = 500,
};

struct request;

struct http2 {
	nghttp2_session *session;
	struct request
		*requests; /* all: nghttp2 does not report those that are open when it goes */
	size_t held;       /* bytes of answers that are not sent */
	int credit;
	bool is_receiving;
	bool was_told_goodbye; /* by the client */
};

/* The parts of a request that count, and where nghttp2 gives them. */
enum field { METHOD, TARGET, TYPE, FIELDS };
static const char *const field_names[FIELDS] = {":method", ":path", "content-type"};

struct request {
	struct request *next, **link; /* of all; `*link` is this one */
	nghttp2_rcbuf *fields[FIELDS];
	struct buffer body;
	size_t head_size, kept; /* kept: bytes of fields, body and answer */
	bool is_over;           /* asked, or refused */
	uint8_t *answer;
	size_t answer_size, answer_at;
};

static struct request *request_new(struct http2 *h)
{
	struct request *q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->body.size_max = DOH_QUERY_SIZE_MAX;
	q->next = h->requests;
	q->link = &h->requests;
	if (q->next)
		q->next->link = &q->next;
	h->requests = q;
	return q;
}

static void keep(struct session *s, struct request *q, size_t size)
{
	q->kept += size;
	s->kept += size;
}

static void request_free(struct session *s, struct request *q)
{
	struct http2 *h = s->state;
	h->held -= q->answer_size;
	s->kept -= q->kept;
	*q->link = q->next;
	if (q->next)
		q->next->link = q->link;
	for (unsigned i = 0; i < FIELDS; i++) {
		if (q->fields[i])
			nghttp2_rcbuf_decref(q->fields[i]);
	}
	buffer_done(&q->body);
	free(q->answer);
	free(q);
}

static struct request *request_of(struct session *s, int32_t stream)
{
	const struct http2 *h = s->state;
	return nghttp2_session_get_stream_user_data(h->session, stream);
}

static void pay(struct session *s, int price)
{
	struct http2 *h = s->state;
	h->credit -= price;
	if (h->credit > CREDIT_MAX)
		h->credit = CREDIT_MAX;
	if (h->credit >= 0 || s->is_over)
		return;
	s->is_over = s->is_malformed = true;
	(void)nghttp2_session_terminate_session(h->session, NGHTTP2_ENHANCE_YOUR_CALM);
}

static void drop_stream(struct session *s, int32_t stream, uint32_t why)
{
	const struct http2 *h = s->state;
	(void)nghttp2_submit_rst_stream(h->session, NGHTTP2_FLAG_NONE, stream, why);
}

#define NV(name_, value_, size_, flags_)                                                        \
	{                                                                                       \
		.name = (uint8_t *)(uintptr_t)(name_), .value = (uint8_t *)(uintptr_t)(value_), \
		.namelen = sizeof(name_) - 1, .valuelen = (size_), .flags = (flags_)            \
	}

static void refuse(struct session *s, int32_t stream, struct request *q, int status)
{
	const struct http2 *h = s->state;
	char text[12];
	int size = snprintf(text, sizeof(text), "%d", status);
	nghttp2_nv fields[] = {NV(":status", text, (size_t)size, NGHTTP2_NV_FLAG_NO_COPY_NAME),
	                       NV("allow", "GET, POST", 9, NGHTTP2_NV_FLAG_NO_COPY_NAME)};
	q->is_over = true;
	pay(s, 1);
	if (nghttp2_submit_response(h->session, stream, fields, status == 405 ? 2 : 1, NULL) < 0)
		drop_stream(s, stream, NGHTTP2_INTERNAL_ERROR);
}

static ssize_t on_body(nghttp2_session *session, int32_t stream, uint8_t *room, size_t size_max,
                       uint32_t *flags, nghttp2_data_source *source, void *user)
{
	struct request *q = source->ptr;
	size_t size = q->answer_size - q->answer_at;
	(void)session, (void)stream, (void)user;
	if (size > size_max)
		size = size_max;
	memcpy(room, q->answer + q->answer_at, size);
	q->answer_at += size;
	if (q->answer_at == q->answer_size)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)size;
}

/* Keeps a copy, which leaves as the client's windows allow. */
static void respond(struct session *s, int32_t stream, struct request *q, struct view answer)
{
	struct http2 *h = s->state;
	char length[24], age[32];
	int length_size = snprintf(length, sizeof(length), "%zu", answer.size);
	int age_size = snprintf(age, sizeof(age), "max-age=%u", doh_max_age(answer));
	enum {
		KNOWN = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE,
		CHANGING = NGHTTP2_NV_FLAG_NO_COPY_NAME
	};
	nghttp2_nv fields[] = {
		NV(":status", "200", 3, KNOWN),
		NV("content-type", DOH_CONTENT_TYPE, sizeof(DOH_CONTENT_TYPE) - 1, KNOWN),
		NV("content-length", length, (size_t)length_size, CHANGING),
		NV("cache-control", age, (size_t)age_size, CHANGING)};
	nghttp2_data_provider body = {{.ptr = q}, on_body};
	q->answer = malloc(answer.size);
	if (!q->answer) {
		drop_stream(s, stream, NGHTTP2_INTERNAL_ERROR);
		return;
	}
	memcpy(q->answer, answer.bytes, answer.size);
	q->answer_size = answer.size;
	h->held += answer.size;
	keep(s, q, answer.size);
	pay(s, -CREDIT_OF_ANSWER);
	if (nghttp2_submit_response(h->session, stream, fields, sizeof(fields) / sizeof(*fields),
	                            &body) < 0)
		drop_stream(s, stream, NGHTTP2_INTERNAL_ERROR);
}

static struct view field_of(const struct request *q, enum field field)
{
	if (!q->fields[field])
		return (struct view){0};
	nghttp2_vec v = nghttp2_rcbuf_get_buf(q->fields[field]);
	return view_of(v.base, v.len);
}

static struct doh_request doh_request_of(const struct request *q)
{
	return (struct doh_request){field_of(q, METHOD), field_of(q, TARGET), field_of(q, TYPE),
	                            q->body.size};
}

/* The request is whole. */
static void ask(struct session *s, int32_t stream, struct request *q)
{
	const struct http2 *h = s->state;
	struct doh_request request = doh_request_of(q);
	uint8_t room[DOH_QUERY_SIZE_MAX];
	struct view query;
	int status = doh_query(&request, buffer_view(&q->body), room, sizeof(room), &query);
	if (status != OK) {
		refuse(s, stream, q, status);
		return;
	}
	q->is_over = true;
	if (!s->host->may_ask(s) || h->held > HELD_SIZE_MAX) {
		pay(s, 1);
		drop_stream(s, stream, NGHTTP2_REFUSED_STREAM);
		return;
	}
	int size = s->host->query(s, (uint32_t)stream, query);
	if (size > 0)
		respond(s, stream, q, view_of(s->room, (size_t)size));
	else if (size != SESSION_LATER)
		refuse(s, stream, q, BAD_REQUEST);
}

/* A head or a piece of a body came, perhaps the last. */
static void go_on(struct session *s, int32_t stream, bool is_whole)
{
	struct request *q = request_of(s, stream);
	if (!q || q->is_over)
		return;
	struct doh_request request = doh_request_of(q);
	int status = q->head_size > HEAD_SIZE_MAX ? HEAD_TOO_LARGE
	             : q->body.failed             ? TOO_LARGE
	                                          : doh_check(&request, s->path);
	if (status != OK)
		refuse(s, stream, q, status);
	else if (is_whole)
		ask(s, stream, q);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	const struct session *s = user;
	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0; /* trailers: nothing in them counts */
	struct request *q = request_new(s->state);
	if (!q)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	int r = nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, q);
	if (r == 0)
		return 0;
	request_free(user, q);
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
                     nghttp2_rcbuf *value, uint8_t flags, void *user)
{
	struct request *q = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	nghttp2_vec n = nghttp2_rcbuf_get_buf(name), v = nghttp2_rcbuf_get_buf(value);
	(void)flags;
	if (!q || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	q->head_size += n.len + v.len + FIELD_OVERHEAD;
	for (unsigned i = 0; i < FIELDS && q->head_size <= HEAD_SIZE_MAX; i++) {
		if (q->fields[i] || !view_is(view_of(n.base, n.len), field_names[i]))
			continue;
		nghttp2_rcbuf_incref(value);
		keep(user, q, v.len);
		q->fields[i] = value;
	}
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes,
                   size_t size, void *user)
{
	struct request *q = nghttp2_session_get_stream_user_data(session, stream);
	(void)flags;
	if (q && !q->is_over) {
		size_t before = q->body.size;
		buffer_add(&q->body, bytes, size);
		keep(user, q, q->body.size - before);
	}
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	bool is_whole = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	(void)session;
	struct session *s = user;
	struct http2 *h = s->state;
	if (frame->hd.type == NGHTTP2_GOAWAY)
		h->was_told_goodbye = true;
	/* a request is paid for by its answer */
	if (frame->hd.type != NGHTTP2_HEADERS)
		pay(user, 1);
	if (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)
		go_on(user, frame->hd.stream_id, is_whole);
	return 0;
}

static int on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int code,
                            void *user)
{
	(void)session, (void)frame, (void)code;
	pay(user, CREDIT_OF_ANSWER);
	return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t code, void *user)
{
	struct request *q = nghttp2_session_get_stream_user_data(session, stream);
	(void)code;
	if (q)
		request_free(user, q);
	return 0;
}

static int make_session(struct session *s, nghttp2_session_callbacks *callbacks,
                        nghttp2_option *option)
{
	struct http2 *h = s->state;
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback2(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	nghttp2_option_set_no_closed_streams(option, 1);
	nghttp2_option_set_max_outbound_ack(option, CREDIT_MAX);
	if (nghttp2_session_server_new2(&h->session, callbacks, s, option) != 0)
		return -ENOMEM;
	static const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, DOH_QUERY_SIZE_MAX},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HEAD_SIZE_MAX},
	};
	return nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, settings,
	                               sizeof(settings) / sizeof(*settings)) == 0
	               ? OK
	               : -ENOMEM;
}

/* Sends what nghttp2 has ready; not while it takes in bytes, which it does not allow. */
static void pump(struct session *s)
{
	const struct http2 *h = s->state;
	const uint8_t *bytes;
	ssize_t size;
	if (h->is_receiving)
		return;
	while ((size = nghttp2_session_mem_send(h->session, &bytes)) > 0)
		s->host->send(s, view_of(bytes, (size_t)size));
	if (size < 0 ||
	    (!nghttp2_session_want_read(h->session) && !nghttp2_session_want_write(h->session)))
		s->is_over = true;
}

static int open_state(struct session *s)
{
	nghttp2_session_callbacks *callbacks = NULL;
	nghttp2_option *option = NULL;
	struct http2 *h = calloc(1, sizeof(*h));
	s->state = h;
	int r = -ENOMEM;
	if (h && nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0)
		r = make_session(s, callbacks, option);
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_option_del(option);
	if (r < 0)
		return r;
	h->credit = CREDIT_MAX;
	pump(s);
	return OK;
}

static void close_state(struct session *s)
{
	struct http2 *h = s->state;
	if (!h)
		return;
	while (h->requests)
		request_free(s, h->requests);
	nghttp2_session_del(h->session);
	free(h);
}

static int input(struct session *s, struct view bytes)
{
	struct http2 *h = s->state;
	if (s->is_over)
		return (int)bytes.size;
	h->is_receiving = true;
	ssize_t taken = nghttp2_session_mem_recv(h->session, bytes.bytes, bytes.size);
	h->is_receiving = false;
	pump(s);
	/* a fault is told to the client by nghttp2; then it wants no more */
	if (s->is_over && !h->was_told_goodbye)
		s->is_malformed = true;
	return taken < 0 ? ERR_MALFORMED : (int)taken;
}

static void answer_later(struct session *s, uint32_t stream, struct view answer)
{
	struct request *q = request_of(s, (int32_t)stream);
	if (!q)
		return; /* the client does not want it any more */
	if (answer.size)
		respond(s, (int32_t)stream, q, answer);
	else
		refuse(s, (int32_t)stream, q, SERVER_ERROR);
	pump(s);
}

static void say_goodbye(struct session *s)
{
	const struct http2 *h = s->state;
	(void)nghttp2_session_terminate_session(h->session, NGHTTP2_NO_ERROR);
	pump(s);
}

const struct session_kind session_http2 = {
	.name = "h2",
	.reads_always = true,
	.open = open_state,
	.input = input,
	.answer = answer_later,
	.say_goodbye = say_goodbye,
	.close = close_state,
};
