/* json_writer.h - writes JSON into a buffer; sticky failure of the buffer is the failure.
 *
 * With `canonical` set, members must be written in the order RFC 8785 demands (asserted: keys of an
 * object ascend; ours are ASCII) and the output is canonical: no white space, integers only, the
 * short escapes. Strings that are not UTF-8 have each bad byte replaced by U+FFFD.
 *
 *	struct json_writer j = {.out = &buffer};
 *	json_object_begin(&j, NULL);
 *	json_text(&j, "name", "chat.example");
 *	json_int(&j, "count", 3);
 *	json_object_end(&j);
 *
 * `key` is NULL inside arrays and for the outermost value.  Source: RFC 8259, RFC 8785. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum { JSON_DEPTH_MAX = 32 };

struct json_writer {
	struct buffer *out;
	bool canonical;
	/* below: private */
	unsigned depth;
	bool has_member[JSON_DEPTH_MAX + 1];
	const char *last_key[JSON_DEPTH_MAX + 1];
};

void json_object_begin(struct json_writer *j, const char *key);
void json_object_end(struct json_writer *j);
void json_array_begin(struct json_writer *j, const char *key);
void json_array_end(struct json_writer *j);
void json_view(struct json_writer *j, const char *key, struct view value);
/* NULL text is written as null. */
void json_text(struct json_writer *j, const char *key, const char *value);
/* An empty one is written as null. */
void json_optional(struct json_writer *j, const char *key, struct view value);
void json_int(struct json_writer *j, const char *key, int64_t value);
void json_bool(struct json_writer *j, const char *key, bool value);
void json_no_value(struct json_writer *j, const char *key);
/* Inserts JSON that is written already; not for canonical output. */
void json_raw(struct json_writer *j, const char *key, struct view json);
/* Six digits after the point; not for canonical output. */
void json_decimal(struct json_writer *j, const char *key, double value);
/* RFC 3339 text, or null for TIME_MIN and TIME_MAX. */
void json_time(struct json_writer *j, const char *key, int64_t at_us);
