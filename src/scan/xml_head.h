/* xml_head.h - how an XML document begins, without a parser: to tell what it is.
 *
 * What:    a pure function over its first bytes, of text that is read as UTF-8.
 * Owns:    nothing; views point into the bytes.
 * Limits:  none; what is not whole in the bytes is not told. */
#pragma once

#include "base/view.h"

struct xml_head {
	struct view root;       /* the name of the outermost element, without a prefix */
	struct view attributes; /* and what follows it in its tag */
	bool says_utf16; /* though it is read as UTF-8: its encoding was changed on the way, or never was what it says */
};

/* False: it is no XML. */
bool xml_head_read(struct view first, struct xml_head *ret);
