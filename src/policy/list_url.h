/* list_url.h - from where a list may be fetched.
 *
 * What:    https from anywhere. http, whose answers everybody on the way can alter, only from this machine
 *          (127.0.0.0/8, [::1], localhost), or for content that a hash pins. No user name or password: an
 *          address is shown and logged. Stricter than RFC 3986, so that no two readers of the text differ.
 * Fails:   ERR_INVALID, with a static phrase that follows "expected".
 * Limits:  pure. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

int list_url_check(const char *url, bool is_pinned, const char **ret_expected) must_check;
