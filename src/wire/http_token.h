/* http_token.h - the words that methods and the names of fields are made of.
 *
 * Source:  RFC 9110 s5.6.2. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/view.h"

static inline bool http_is_token_byte(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

static inline bool http_is_token(struct view v)
{
	for (size_t i = 0; i < v.size; i++) {
		if (!http_is_token_byte(v.bytes[i]))
			return false;
	}
	return v.size > 0;
}
