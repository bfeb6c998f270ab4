/* http2_request.h - whom the requests of a cleartext HTTP/2 connection are for.
 *
 *	http2_requests_open(stream, &room, &walk);
 *	while ((code = http2_requests_next(&walk, &request)) == OK)
 *		...
 *
 * What:    walks the frames that a client sent from the connection's first byte on, and has nghttp2 undo the
 *          compression of every head: a head means what those before it left in the table, so the walk cannot
 *          begin later. Names come from every :authority and host, without port and last dots.
 * Owns:    nothing. nghttp2's memory is taken from `room` and never returned, so names live until the room
 *          is used again; nothing is allocated. One room a thread is enough.
 * Fails:   ERR_TRUNCATED  more of the stream may complete the next head
 *          ERR_MISSING    the stream does not begin as HTTP/2 does
 *          ERR_MALFORMED  frames or compression that no server accepts
 *          ERR_LIMIT      the heads do not fit into the room
 * Limits:  HTTP2_ROOM_SIZE; HTTP2_NAMES_MAX names of one request, further ones are only noted.
 * Source:  RFC 9113 s3.4, s4, s6.2, s6.10, s8.3.1; RFC 7541. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { HTTP2_ROOM_SIZE = 128 * 1024, HTTP2_NAMES_MAX = 8 };

struct http2_room {
	_Alignas(16) uint8_t bytes[HTTP2_ROOM_SIZE];
	size_t used;
};

struct nghttp2_hd_inflater;
struct http2_requests {
	struct view stream;
	size_t at;
	struct http2_room *room;
	struct nghttp2_hd_inflater *inflater;
};

struct http2_request {
	unsigned names_count;
	struct view names[HTTP2_NAMES_MAX]; /* each once */
	bool has_more_names;
	bool is_request; /* it has a method; false for trailers */
	size_t end;      /* of the head in the stream */
};

void http2_requests_open(struct view stream, struct http2_room *room, struct http2_requests *ret);
/* After a failure the walk is over: open it again when more of the stream came. */
int http2_requests_next(struct http2_requests *r, struct http2_request *ret) must_check;
