/* http1.h - reads the head of an HTTP/1.1 request, strictly: no two readers may see different requests.
 *
 * What:    a pure function over the bytes from the start of a request on. Lines end with CRLF and nothing
 *          else; no folded lines; no space before a colon; one Host, one length, and never a length beside a
 *          transfer coding. Bodies come with Content-Length: chunked ones are asked for again (411).
 * Owns:    nothing: views point into the bytes.
 * Fails:   ERR_TRUNCATED when more bytes may complete it. Anything else is an HTTP status (above 0) to
 *          refuse it with; where the next request would begin is then unknown.
 * Limits:  HTTP1_HEAD_SIZE_MAX bytes, HTTP1_FIELDS_MAX fields.
 * Source:  RFC 9112, RFC 9110 s5 and s10.1.1. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { HTTP1_HEAD_SIZE_MAX = 8 * 1024, HTTP1_FIELDS_MAX = 64 };

struct http1_request {
	struct view method, target; /* the target from its path on, also of the absolute form */
	struct view content_type;   /* or empty */
	size_t head_size;           /* the body begins there */
	uint64_t body_size;
	bool wants_close;    /* no request will follow */
	bool wants_go_ahead; /* Expect: 100-continue */
};

int http1_parse(struct view bytes, struct http1_request *ret) must_check;

/* "Not Found" for 404; "Error" for one that we never send. */
const char *http1_reason(int status);
