/* line_ends_private.h - for the files of line_ends.h only. */
#pragma once

#include "audit/line_ends.h"
#include "base/inline.h"

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
	PLANE_BEGIN = 0x02, /* what a last label may begin with */
	PLANE_DOT = 0x04,
	PLANE_FEED = 0x08,
	PLANE_HEX = 0x10,
	PLANE_COLON = 0x20,
	PLANE_NUMBER = 0x40,  /* of names, but no letter */
	PLANE_STRANGE = 0x80, /* where bytes that are no ASCII have a bit, too */
};

/* Without a branch: of nothing it is any. */
typedef uint32_t first_bit_function(uint64_t bits);
ALWAYS_INLINE uint32_t first_bit(uint64_t bits)
{
	return (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
}

/* Nearly every word has two ends at most: they are written whether they are there or not, without a branch. */
ALWAYS_INLINE uint32_t *put_ends(uint32_t *ends, uint64_t bits, uint32_t at,
                                 first_bit_function *first)
{
	uint32_t *all = ends + __builtin_popcountll(bits);
	ends[0] = at + first(bits);
	bits &= bits - 1;
	ends[1] = at + first(bits);
	bits &= bits - 1;
	for (ends += 2; __builtin_expect(bits != 0, 0); bits &= bits - 1)
		*ends++ = at + first(bits);
	return all;
}

/* Calls for the text so far ahead, into the second cache: it has room for what is not read yet, and the nearest is left to
 * what is. Without it the memory would do nothing while the ends of a chunk are looked at. */
enum { LINE_ENDS_AHEAD = 16 << 10 };
ALWAYS_INLINE void call_ahead(const uint8_t *bytes)
{
	__builtin_prefetch(bytes + LINE_ENDS_AHEAD, 0, 2);
}

/* Where runs end that have one of `begins` in them: a one that is added there runs through the bits behind it and comes
 * out behind the last. */
ALWAYS_INLINE uint64_t run_ends(uint64_t runs, uint64_t begins, uint64_t *carry)
{
	uint64_t sum, last;
	bool over = __builtin_add_overflow(begins, *carry, &last);
	over |= __builtin_add_overflow(runs, last, &sum);
	*carry = over;
	return sum & ~runs;
}

/* From the sets of so many words behind those that there are to their ends; for any processor, and for those that have
 * bmi2 and popcnt. */
void line_ends_join(struct line_ends *e, size_t words, unsigned with);
void line_ends_join_fast(struct line_ends *e, size_t words, unsigned with);

#if defined(__x86_64__)
line_ends_function line_ends_read_ssse3, line_ends_read_avx2, line_ends_read_avx512,
	line_ends_read_planes;
/* Where the chunk begins, is ASCII, and of whole groups of words; false: it is not, or was not tried, and nothing that
 * counts was changed. The ends are in no order. */
bool line_ends_read_ascii(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                          struct line_ends *e);
bool line_ends_has_ssse3(void);
bool line_ends_has_avx512(void);
bool line_ends_has_planes(void);
#endif
