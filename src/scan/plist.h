/* plist.h - the texts of a property list of macOS, binary or XML, each with the key that it stands under.
 *
 * What:    pure. What stands in a list has the key of the list. Where `enters` says no to a key, nothing below it is told.
 *          libplist is not used: its tree has a value once for every reference to it, so a file of a few hundred bytes
 *          that refers to itself in layers fills any memory, and what it frees stays as it was. Here bytes are read where
 *          they lie.
 * Owns:    nothing; views are good for the length of the call.
 * Fails:   ERR_INVALID: no property list; ERR_MALFORMED; ERR_LIMIT; what on_text returns when it is negative.
 * Limits:  PLIST_DEPTH_MAX; PLIST_VISITS_MAX values are looked at, a shared one as often as it is met; PLIST_TEXT_MAX bytes
 *          a text, what is longer is cut.
 * Source:  Apple, CFBinaryPList.c; plist(5). */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/view.h"

enum { PLIST_DEPTH_MAX = 32, PLIST_VISITS_MAX = 200000, PLIST_TEXT_MAX = 4096 };

struct plist_reader {
	int (*on_text)(void *context, struct view key, struct view text);
	bool (*enters)(void *context, struct view key); /* NULL: every key */
	void *context;
};

int plist_read(struct view bytes, const struct plist_reader *r) must_check;
