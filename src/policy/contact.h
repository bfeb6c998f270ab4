/* contact.h - the addresses in the text that says whom people ask.
 *
 * What:    the text is written for people ("IT desk, it@agency.example, tel:+886-2-1234-5678"). A word of it that
 *          is an e-mail address, or a URI of mailto or tel, can be followed by a program. Pure.
 * Fails:   ERR_MALFORMED for a word that begins as such a URI and is none.
 * Limits:  e-mail addresses of letters, digits and `._+-` before the `@`; telephone numbers with their country.
 * Source:  RFC 6068 s2 (mailto), RFC 3966 s3 (tel), RFC 3986 s2. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/view.h"

struct contact {
	struct view text; /* a URI; without `mailto:` if it is plain */
	bool is_plain;    /* an e-mail address */
	bool is_mail;
};

/* Takes words off the front up to the next contact. 1, 0 at the end, ERR_MALFORMED. */
int contact_next(struct view *text, struct contact *ret) must_check;
