/* json.h - JSON of a scanned machine, within bounds, and wiped.
 *
 * What:    jansson reads it. Its memory comes from here: at most SCAN_JSON_MEMORY_MAX, and every piece is overwritten when
 *          it is given back, because a configuration has keys in it.
 * Owns:    the caller, by json_decref().
 * Threads: one; the allocator is the process's. */
#pragma once

#include <jansson.h>

#include "scan/scan.h"

enum { SCAN_JSON_MEMORY_MAX = 128 << 20 };

/* NULL: told as not understood, or as too large. A byte order mark, comments and commas before a bracket (as editors
 * allow them in settings) are taken out of a copy first where `is_loose`. */
json_t *scan_json_read(struct scan *s, const struct scan_file *f, bool is_loose);
/* The text of that member; empty when there is none. */
struct view scan_json_text(const json_t *object, const char *key);
/* Calls for each text below `value`, with the key of the member that it is in (or ""); members whose key says that
 * they forbid something are left out. */
typedef void scan_json_on_text(void *context, const char *key, struct view text);
void scan_json_each_text(const json_t *value, const char *key, scan_json_on_text *on_text,
                         void *context);
DEFINE_CLEANUP(scan_json, json_t *, json_decref);
