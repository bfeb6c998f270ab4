/* json_stream.h - JSON read in blocks of any size: what it consists of is told as it comes.
 *
 * What:    a push parser. Documents of many gigabytes need no more memory than this struct. Several values behind
 *          one another are read, too, as in files of one object a line. Numbers are not judged but told as they stand.
 * Owns:    nothing; the text of an event is good for the length of the call.
 * Fails:   ERR_MALFORMED, ERR_LIMIT for depth; what the callback returns when it is negative. Errors are sticky.
 *          json_stream_end(): ERR_TRUNCATED inside a value.
 * Limits:  JSON_STREAM_DEPTH_MAX; a text or key over JSON_STREAM_TEXT_MAX bytes is told by its first bytes.
 * Source:  RFC 8259. */
#pragma once

#include "base/err.h"
#include "base/view.h"

enum { JSON_STREAM_DEPTH_MAX = 64, JSON_STREAM_TEXT_MAX = 4096 };

enum json_event {
	JSON_OBJECT_BEGIN,
	JSON_OBJECT_END,
	JSON_ARRAY_BEGIN,
	JSON_ARRAY_END,
	JSON_KEY,
	JSON_TEXT,    /* escapes undone, UTF-8 */
	JSON_LITERAL, /* a number, true, false, null: as it stands */
};

typedef int json_stream_on(void *context, enum json_event event, struct view text);

struct json_stream {
	json_stream_on *on;
	void *context;
	/* below: private */
	int (*state)(struct json_stream *s, uint8_t c);
	uint8_t is_object[JSON_STREAM_DEPTH_MAX];
	unsigned depth;
	int error;
	bool is_key;
	uint32_t code, high; /* of an escape under way; a high surrogate that waits */
	unsigned digits;
	size_t size;
	uint8_t text[JSON_STREAM_TEXT_MAX + 4];
};

void json_stream_begin(struct json_stream *s, json_stream_on *on, void *context);
int json_stream_feed(struct json_stream *s, struct view block) must_check;
int json_stream_end(struct json_stream *s) must_check;
/* Forgets a value that was broken off or is no JSON, to go on with the next. */
void json_stream_reset(struct json_stream *s);
