/* base64url.h - reads base64 in the alphabet of URLs, without padding.
 *
 * What:    a pure function. Only the one text that stands for some bytes is accepted: no padding, no white
 *          space, no bits left over.
 * Source:  RFC 4648 s5 and s3.5. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

/* ERR_MALFORMED; ERR_LIMIT when the bytes do not fit. */
int base64url_decode(struct view text, uint8_t *room, size_t room_size,
                     size_t *ret_size) must_check;
