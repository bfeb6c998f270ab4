/* json_record.h - the objects of a JSON document of any size, each as its members when it ends.
 *
 * What:    for lists in which each object stands for one thing. An object that is a member of another ("columns" of a
 *          record) is a part of that one: its members are found as "columns.name", also after it ended. One that stands
 *          in an array is forgotten when it ends; until then those that it lies in can be asked, as for the device that
 *          a list belongs to. Texts, numbers and booleans are members, arrays of texts are their first one, or all where
 *          that is asked for; null is none.
 * Owns:    json_records_new(), json_records_free(). Texts are good for the length of the callback, and wiped at the end.
 * Fails:   as json_stream.h.
 * Limits:  JSON_RECORD_DEPTH_MAX, of JSON itself that of json_stream.h; JSON_RECORD_MEMBERS members and
 *          JSON_RECORD_TEXTS bytes of texts at once; what goes beyond is left out and counted in json_records_cut(). */
#pragma once

#include "wire/json_stream.h"

enum { JSON_RECORD_MEMBERS = 4096, JSON_RECORD_TEXTS = 1 << 20, JSON_RECORD_DEPTH_MAX = 512 };

struct json_records;

/* Called at the end of each object that is outermost or stands in an array; what it returns when it is negative ends the reading. */
typedef int json_record_on(void *context, const struct json_records *r);

int json_records_new(json_record_on *on, void *context, struct json_records **ret) must_check;
void json_records_free(struct json_records *r);
/* Arrays of texts of this key are kept whole; before anything is fed. The key is the caller's. */
void json_records_keep(struct json_records *r, const char *key);
int json_records_feed(struct json_records *r, struct view block) must_check;
int json_records_end(struct json_records *r) must_check;
/* Instead of feeding: what JSON of the same meaning consists of, for documents of another syntax. ERR_LIMIT for depth,
 * ERR_MALFORMED for an end of nothing; what the callback returns when it is negative. */
int json_records_event(struct json_records *r, enum json_event event, struct view text) must_check;
uint64_t json_records_cut(const struct json_records *r);

/* For the callback: */

/* The key of the member that it is, or that the array is in which it stands; empty for the outermost. */
struct view json_record_key(const struct json_records *r);
/* How many objects and arrays are open, with the one that ended: from 1. */
unsigned json_record_depth(const struct json_records *r);
/* A member of the object that ended: "name", "columns.name". Empty when there is none. */
struct view json_record_text(const struct json_records *r, const char *path);
/* The same, but of an array that is kept the text of that number, from 0; empty behind the last. */
struct view json_record_text_at(const struct json_records *r, const char *path, size_t number);
/* The same in the nearest object that it lies in and that has such a member by now. */
struct view json_record_outer_text(const struct json_records *r, const char *path);
