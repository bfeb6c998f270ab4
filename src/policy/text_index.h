/* text_index.h - identifiers that are texts: model ids, packages, applications, URLs, file fields.
 *
 * What:    exact values by one hash look-up; prefixes, parts and templates by a walk over the few
 *          patterns of the group. Comparison ignores ASCII case. Regular expressions are not for gates:
 *          they are found by no look-up here, a scan compiles them itself.
 * Owns:    nothing; rows are sections of a policy image.
 * Limits:  texts over TEXT_KEY_MAX bytes match by their first TEXT_KEY_MAX bytes only as a prefix. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "policy/image.h"
#include "policy/vocabulary.h"

enum { TEXT_KEY_MAX = 4096 };
#define NONE_VALUE UINT32_MAX

struct text_index {
	const struct image_value
		*values; /* a power of two of slots in the first half of the rows ... */
	uint32_t slots;  /* ... then rows that `next` leads to */
	uint32_t value_count;
	const struct image_pattern *patterns;
	uint32_t pattern_count;
	const char *texts;
	const struct image_identifier *identifiers;
};

/* How a text of that kind is asked for: models and applications bare, packages as `npm/NAME`, fields of
 * files and parts of requests as `kind=value`, URLs without their scheme. Writes lower case into
 * `key`, always terminated. Returns the length. */
size_t text_index_key(unsigned kind, struct view value, char key[static TEXT_KEY_MAX + 1]);

/* The same for what is compared as a part: bare, whatever the kind. */
size_t text_index_pattern(unsigned kind, struct view value, char key[static TEXT_KEY_MAX + 1]);

uint64_t text_index_hash(enum kind_group group, struct view key);

/* Writes the identifiers that `text` (any case, in the form that text_index_key() makes) matches, at
 * most `max`; returns how many. */
size_t text_index_find(const struct text_index *index, enum kind_group group, struct view text,
                       uint32_t *ret, size_t max);
