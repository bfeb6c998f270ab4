/* http_request.h - whom an HTTP/1.x request may be for, as any server could read it.
 *
 * http1.h reads what is sent to us, and refuses what two readers could understand in two ways. This reads what
 * is sent to others, and gives every name that some reader could find in it.
 *
 * What:    a pure function over the bytes from a request's first on. Names come from every Host field, from a
 *          target that names a host (absolute form, CONNECT), and from what lax readers take for such: lines
 *          that end with LF or CR alone, folded lines, lines after a space, spaces before a colon, lists in a
 *          value, what stands before or after an @, a first line without target or spaces. Ports and last dots
 *          are cut off.
 * Owns:    nothing: views point into the bytes.
 * Fails:   ERR_TRUNCATED  the head's end is still to come
 *          ERR_MISSING    this is no HTTP/1.x
 *          ERR_VERSION    it is the preface of HTTP/2 (http2_request.h)
 * Limits:  HTTP_REQUEST_NAMES_MAX names; further ones are only noted. A method of more
 *          than HTTP_REQUEST_METHOD_MAX bytes is none. A head is as long as the bytes are: who has no room
 *          for more takes http_request_parse_part().
 * Source:  RFC 9112, RFC 9110 s7.2; RFC 9112 s2.2, s5.1, s5.2 (what lax readers do). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { HTTP_REQUEST_NAMES_MAX = 8, HTTP_REQUEST_METHOD_MAX = 1024 };

/* How the bytes after the head are to be read. */
enum http_framing {
	HTTP_FRAMING_NONE, /* no body: another head may follow */
	HTTP_FRAMING_LENGTH,
	HTTP_FRAMING_CHUNKED,
	HTTP_FRAMING_OTHER,   /* CONNECT, Upgrade: any protocol may begin there, or another head */
	HTTP_FRAMING_UNKNOWN, /* readers differ */
	HTTP_FRAMING_TORN,    /* CONNECT with a body: any protocol may begin, or the body */
};

struct http_request {
	struct view method, target;
	size_t head_size; /* with the empty lines before it; of a part: whole lines only */
	bool is_odd;      /* a strict server refuses it */
	unsigned names_count;
	struct view names[HTTP_REQUEST_NAMES_MAX]; /* each once */
	bool has_more_names;
	enum http_framing framing;
	bool is_upgrade;    /* behind the body it is as for HTTP_FRAMING_OTHER */
	uint64_t body_size; /* HTTP_FRAMING_LENGTH */
};

int http_request_parse(struct view bytes, struct http_request *ret) must_check;
/* The same for a head that may have its end still to come: what its whole lines say. ERR_TRUNCATED when there
 * is not even the first line. */
int http_request_parse_part(struct view bytes, struct http_request *ret) must_check;
/* The names in the first whole line that has some and looks like one of a head, wherever it is: for where it is not known
 * where a head begins. `head_size` is all that was looked at: the rest may have more. Sets nothing else. */
void http_request_scan(struct view bytes, struct http_request *ret);
