/* dname.h - a domain name: canonical wire form, text form, and how names relate.
 *
 * What:    pure functions. A struct dname always holds a well-formed, lower-case, uncompressed name.
 * Limits:  63 bytes a label, 255 bytes a name with its root label.
 * Source:  RFC 1035 s3.1 (form), RFC 4343 (case), RFC 5891 and UTS #46 (international names). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

enum {
	DNAME_SIZE_MAX = 255,
	DNAME_LABELS_MAX = 127, /* without the root */
	DNAME_TEXT_SIZE = 1024, /* every byte escaped as \DDD, and the NUL */
};

struct dname {
	uint8_t size;   /* bytes used, the root label included: 1 to 255 */
	uint8_t labels; /* without the root: 0 to 127 */
	uint8_t bytes[DNAME_SIZE_MAX];
};

/* Reads presentation text: with or without a final dot, any case, `\.` and `\DDD` escapes,
 * international names as UTF-8 (made ASCII by IDNA 2008 with UTS #46 mapping, non-transitional).
 * "." is the root. ERR_MALFORMED for an empty name or label, bad escape or bad IDN; ERR_LIMIT for a
 * label over 63 or a name over 255 bytes. */
int dname_parse_text(struct view text, struct dname *ret) must_check;

/* Reads an uncompressed wire name that is the whole of `wire`; folds case.
 * ERR_TRUNCATED, ERR_MALFORMED (compression, bytes after the root). */
int dname_parse_wire(struct view wire, struct dname *ret) must_check;

/* Writes text without the final dot ("." for the root), special bytes escaped. Returns `text`. */
const char *dname_print(const struct dname *name, char text[static DNAME_TEXT_SIZE]);

bool dname_equal(const struct dname *a, const struct dname *b);
/* True for the zone itself and for every name under it, at a label boundary. */
bool dname_is_under(const struct dname *name, const struct dname *zone);

static inline struct view dname_view(const struct dname *name)
{
	return view_of(name->bytes, name->size);
}
