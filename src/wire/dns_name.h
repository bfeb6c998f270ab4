/* dns_name.h - a name where it stands in a message, compressed or not.
 *
 * Limits:  255 bytes a name; a pointer must point before the name part that holds it, so every jump
 *          goes backward and no loop is possible.
 * Fails:   ERR_TRUNCATED when the message ends inside the name; ERR_MALFORMED for a pointer that goes
 *          forward or into the header, or a label type other than RFC 1035's; ERR_LIMIT over 255 bytes.
 * Source:  RFC 1035 s4.1.4. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/view.h"
#include "wire/dname.h"

/* Reads the name at offset `at` of `message`, case folded; `ret_next` is the offset after it. */
int dns_name_read(struct view message, size_t at, struct dname *ret, size_t *ret_next) must_check;
/* The same with the case left as it is: `ret` is a struct dname in all but that. For copying only. */
int dns_name_expand(struct view message, size_t at, struct dname *ret, size_t *ret_next) must_check;
/* Finds the offset after the name without following a pointer. */
int dns_name_skip(struct view message, size_t at, size_t *ret_next) must_check;
