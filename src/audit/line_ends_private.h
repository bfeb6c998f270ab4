/* line_ends_private.h - for the files of line_ends.h only. */
#pragma once

#include "audit/line_ends.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The bits of line_ends_table.planes[]: a byte is in some of these sets. */
enum line_ends_plane {
	PLANE_HOST,
	PLANE_BEGINS, /* a last label may begin so */
	PLANE_DOT,
	PLANE_STRANGE,
	PLANE_HIGH,
	PLANE_FEED,
	PLANE_NUMBER,
	PLANE_STOP,
	PLANES,
};

/* Without a branch: of nothing it is any. */
ALWAYS_INLINE uint32_t first_bit(uint64_t bits)
{
	return (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
}

/* Nearly every word has two ends at most: they are written whether they are there or not, without a branch. */
ALWAYS_INLINE uint32_t *put_ends(uint32_t *ends, uint64_t bits, uint32_t at)
{
	uint32_t *all = ends + __builtin_popcountll(bits);
	ends[0] = at + first_bit(bits);
	bits &= bits - 1;
	ends[1] = at + first_bit(bits);
	bits &= bits - 1;
	for (ends += 2; __builtin_expect(bits != 0, 0); bits &= bits - 1)
		*ends++ = at + first_bit(bits);
	return all;
}

#if defined(__x86_64__)
line_ends_function line_ends_read_avx512, line_ends_read_planes;
bool line_ends_has_planes(void);
#endif
