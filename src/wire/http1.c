#include "wire/http1.h"

#include <stddef.h>

#include "base/decimal.h"
#include "wire/http_token.h"

enum { LENGTH_DIGITS_MAX = 12 };

/* of HTTP, as far as a head can be refused with them */
enum {
	BAD_REQUEST = 400,
	LENGTH_REQUIRED = 411,
	TARGET_TOO_LONG = 414,
	EXPECTATION_FAILED = 417,
	HEAD_TOO_LARGE = 431,
	NOT_IMPLEMENTED = 501,
	VERSION_NOT_SUPPORTED = 505,
};

/* The fields that mean something here, each at most once. */
enum field { HOST, LENGTH, CODING, TYPE, CONNECTION, EXPECT, FIELDS };
static const char *const field_names[FIELDS] = {
	[HOST] = "host",         [LENGTH] = "content-length", [CODING] = "transfer-encoding",
	[TYPE] = "content-type", [CONNECTION] = "connection", [EXPECT] = "expect",
};

struct head {
	struct http1_request request;
	bool is_old; /* HTTP/1.0 */
	bool has[FIELDS];
	struct view values[FIELDS];
};

/* Takes a line off the front. OK, ERR_TRUNCATED, or 400 for a line that does not end as lines do. */
static int take_line(struct view *rest, struct view *ret)
{
	const uint8_t *end = rest->size ? memchr(rest->bytes, '\n', rest->size) : NULL;
	if (!end)
		return ERR_TRUNCATED;
	size_t size = (size_t)(end - rest->bytes);
	if (size == 0 || rest->bytes[size - 1] != '\r')
		return BAD_REQUEST;
	*ret = view_of(rest->bytes, size - 1);
	*rest = view_skip(*rest, size + 1);
	return OK;
}

/* A proxy's form of a target names the host once more: what follows it counts. */
static struct view path_of(struct view target)
{
	static const char *const schemes[] = {"http://", "https://"};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		struct view scheme = view_text(schemes[i]);
		if (!view_starts_with(target, scheme))
			continue;
		struct view rest = view_skip(target, scheme.size);
		while (rest.size && rest.bytes[0] != '/')
			rest = view_skip(rest, 1);
		return rest;
	}
	return target;
}

static int read_version(struct view version, bool *ret_is_old)
{
	if (view_is(version, "HTTP/1.1") || view_is(version, "HTTP/1.0")) {
		*ret_is_old = version.bytes[7] == '0';
		return OK;
	}
	return view_starts_with(version, view_text("HTTP/")) ? VERSION_NOT_SUPPORTED : BAD_REQUEST;
}

static int read_request_line(struct view line, struct head *h)
{
	struct view rest = line;
	h->request.method = view_split(&rest, ' ');
	struct view target = view_split(&rest, ' ');
	if (!http_is_token(h->request.method) || !rest.bytes)
		return BAD_REQUEST;
	for (size_t i = 0; i < target.size; i++) {
		if (target.bytes[i] <= ' ' || target.bytes[i] >= 0x7f)
			return BAD_REQUEST;
	}
	h->request.target = path_of(target);
	if (h->request.target.size == 0 || h->request.target.bytes[0] != '/')
		return BAD_REQUEST;
	return read_version(rest, &h->is_old);
}

static bool is_value(struct view v)
{
	for (size_t i = 0; i < v.size; i++) {
		if ((v.bytes[i] < ' ' && v.bytes[i] != '\t') || v.bytes[i] == 0x7f)
			return false;
	}
	return true;
}

static int read_field(struct view line, struct head *h)
{
	struct view value = line;
	struct view name = view_split(&value, ':');
	if (!value.bytes || !http_is_token(name) || !is_value(value))
		return BAD_REQUEST;
	for (unsigned i = 0; i < FIELDS; i++) {
		if (!view_is_nocase(name, field_names[i]))
			continue;
		if (h->has[i])
			return BAD_REQUEST;
		h->has[i] = true;
		h->values[i] = view_trim(value);
	}
	return OK;
}

static bool list_has(struct view list, const char *word)
{
	while (list.bytes) {
		if (view_is_nocase(view_trim(view_split(&list, ',')), word))
			return true;
	}
	return false;
}

/* What the fields mean together. */
static int read_meaning(struct head *h)
{
	if (!h->is_old && !h->has[HOST])
		return BAD_REQUEST;
	if (h->has[CODING])
		return h->has[LENGTH] || h->is_old                    ? BAD_REQUEST
		       : view_is_nocase(h->values[CODING], "chunked") ? LENGTH_REQUIRED
		                                                      : NOT_IMPLEMENTED;
	if (h->has[LENGTH] &&
	    decimal_parse(h->values[LENGTH], LENGTH_DIGITS_MAX, &h->request.body_size) < 0)
		return BAD_REQUEST;
	if (h->has[EXPECT] && !view_is_nocase(h->values[EXPECT], "100-continue"))
		return EXPECTATION_FAILED;
	h->request.wants_go_ahead = h->has[EXPECT] && !h->is_old;
	h->request.wants_close = h->is_old || list_has(h->values[CONNECTION], "close");
	h->request.content_type = h->values[TYPE];
	return OK;
}

static int read_fields(struct view *rest, struct head *h)
{
	for (unsigned count = 0;; count++) {
		struct view line;
		int code = take_line(rest, &line);
		if (code != OK)
			return code;
		if (line.size == 0)
			return read_meaning(h);
		if (count == HTTP1_FIELDS_MAX)
			return HEAD_TOO_LARGE;
		code = read_field(line, h);
		if (code != OK)
			return code;
	}
}

int http1_parse(struct view bytes, struct http1_request *ret)
{
	struct head h = {0};
	struct view head = bytes, line;
	if (head.size > HTTP1_HEAD_SIZE_MAX)
		head.size = HTTP1_HEAD_SIZE_MAX;
	struct view rest = head;
	int code = take_line(&rest, &line);
	if (code == ERR_TRUNCATED)
		return head.size < HTTP1_HEAD_SIZE_MAX ? code : TARGET_TOO_LONG;
	if (code == OK)
		code = read_request_line(line, &h);
	if (code == OK)
		code = read_fields(&rest, &h);
	if (code == ERR_TRUNCATED && head.size == HTTP1_HEAD_SIZE_MAX)
		return HEAD_TOO_LARGE;
	if (code != OK)
		return code;
	h.request.head_size = head.size - rest.size;
	*ret = h.request;
	return OK;
}

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{200, "OK"},
	{400, "Bad Request"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{LENGTH_REQUIRED, "Length Required"},
	{413, "Content Too Large"},
	{TARGET_TOO_LONG, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{EXPECTATION_FAILED, "Expectation Failed"},
	{HEAD_TOO_LARGE, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{NOT_IMPLEMENTED, "Not Implemented"},
	{VERSION_NOT_SUPPORTED, "HTTP Version Not Supported"},
};

const char *http1_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Error";
}
