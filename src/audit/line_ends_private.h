/* line_ends_private.h - for the files of line_ends.h only. */
#pragma once

#include "audit/line_ends.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* A byte is what low[byte & 15] & high[byte >> 4] says; bytes from 128 on are nothing there. */
enum {
	IS_HASH_OR_PERCENT = 0x01,
	IS_BACKSLASH = 0x02,
	IS_UNDERSCORE = 0x04,
	IS_HYPHEN = 0x08,
	IS_DIGIT = 0x10,
	IS_DOT = 0x20,
	IS_LATE_LETTER = 0x40,  /* p to z */
	IS_EARLY_LETTER = 0x80, /* a to o */
	IS_ESCAPE = IS_HASH_OR_PERCENT | IS_BACKSLASH,
	IS_HOST_FROM = IS_UNDERSCORE, /* and all above */
};

/* line_ends_table.planes[]: the sets that a byte is in. */
enum {
	PLANE_HOST = 0x01,
	PLANE_LETTER = 0x02,
	PLANE_DOT = 0x04,
	PLANE_STRANGE = 0x08,
	PLANE_HEX = 0x10,
	PLANE_COLON = 0x20,
};

/* From the sets of so many words behind those that there are to their ends; for any processor, and for those that have
 * bmi2 and popcnt. */
void line_ends_join(struct line_ends *e, size_t words, unsigned with);
void line_ends_join_fast(struct line_ends *e, size_t words, unsigned with);

#if defined(__x86_64__)
line_ends_function line_ends_read_ssse3, line_ends_read_avx2, line_ends_read_avx512,
	line_ends_read_planes;
bool line_ends_has_ssse3(void);
bool line_ends_has_avx2(void);
bool line_ends_has_avx512(void);
bool line_ends_has_planes(void);
#endif
