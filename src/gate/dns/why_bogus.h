/* why_bogus.h - from libunbound's sentence about a failed validation to the code of an extended error.
 *
 * What:    pure. The sentences are those of its validator; one that is not known is "DNSSEC bogus", which
 *          is never wrong.
 * Source:  RFC 8914 s4.2, s4.7 to s4.13. */
#pragma once

#include <stdint.h>

/* `text` may be NULL. */
uint16_t why_bogus_code(const char *text);
