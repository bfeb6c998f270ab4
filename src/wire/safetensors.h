/* safetensors.h - what the header of a safetensors model file says: metadata and names of tensors.
 *
 *	struct safetensors s;
 *	struct safetensors_item item;
 *	int r = safetensors_open(first_bytes, &s);
 *	while (r >= 0 && (r = safetensors_next(&s, &item)) > 0)
 *		...
 *
 * What:    a pure scanner over the first bytes of a file. Unlike a JSON library it gives what stands in
 *          the bytes that are there, for a header may have 100 MB and its first megabyte tells enough.
 * Owns:    nothing: views point into the caller's bytes, JSON escapes as they stand: safetensors_unescape().
 * Fails:   ERR_TRUNCATED when more bytes would tell more: what was given before is good. ERR_MALFORMED
 *          otherwise; ERR_LIMIT for a header over the format's 100 MB. Errors are sticky.
 *          What stands inside the value of a tensor is not checked, only passed over.
 * Source:  huggingface safetensors, README "Format"; RFC 8259. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum { SAFETENSORS_HEADER_SIZE_MAX = 100000000, SAFETENSORS_WORD_MAX = 64 };

enum safetensors_kind {
	SAFETENSORS_METADATA, /* a member of __metadata__: `value` is the text between its quotes */
	SAFETENSORS_TENSOR,   /* `key` is its name, `value` the JSON object that describes it */
};

struct safetensors_item {
	enum safetensors_kind kind;
	struct view key, value;
};

struct safetensors {
	uint64_t header_size; /* as the file says it */
	/* below: private */
	struct view header; /* the part of it that is there */
	size_t at;
	bool has_begun, is_in_metadata, needs_comma;
	int error;
	bool has_ended;
};

int safetensors_open(struct view file, struct safetensors *ret) must_check;
/* 1 with an item, 0 after the last, or an error. */
int safetensors_next(struct safetensors *s, struct safetensors_item *ret) must_check;

/* Writes a key or a text with its escapes undone, as UTF-8 (a lone surrogate becomes U+FFFD). Returns
 * the size; ERR_LIMIT when `room` is too small, which `text.size` bytes never are; ERR_MALFORMED. */
int safetensors_unescape(struct view text, uint8_t *room, size_t room_size) must_check;
/* Whether a key or a text is `what`, at most SAFETENSORS_WORD_MAX bytes, once its escapes are undone. */
bool safetensors_is(struct view text, const char *what) must_check;
