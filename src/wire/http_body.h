/* http_body.h - where, behind a request's head, the next request's head begins.
 *
 *	struct http_body b;
 *	http_body_open(&request, &b);
 *	enum http_next next = http_body_feed(&b, bytes, &used);
 *
 * What:    a pure state of a few bytes, fed with what the client sends after the head, in any pieces.
 *          It counts lengths and walks chunks strictly: what readers could understand in two ways is
 *          HTTP_NEXT_UNKNOWN, and stays so.
 * Source:  RFC 9112 s6 and s7.1. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "wire/http_request.h"

enum http_next {
	HTTP_NEXT_BODY,    /* all was used, and more of the body is to come */
	HTTP_NEXT_HEAD,    /* a head begins behind what was used */
	HTTP_NEXT_OTHER,   /* a head, or any other protocol, begins there */
	HTTP_NEXT_UNKNOWN, /* from here on: http_request_scan() */
};

struct http_body {
	uint8_t state;
	uint8_t end;    /* the state behind the body */
	uint8_t digits; /* of the chunk's size, so far */
	uint64_t left;  /* of the body or the chunk */
};

void http_body_open(const struct http_request *request, struct http_body *ret);
/* Where it is HTTP_NEXT_BODY all bytes were used; otherwise the rest begins what it says. */
enum http_next http_body_feed(struct http_body *b, struct view bytes, size_t *ret_used);
/* Bytes that come next and that nobody needs to look at: at most `most` of them are taken as fed. */
uint64_t http_body_skip(struct http_body *b, uint64_t most);
