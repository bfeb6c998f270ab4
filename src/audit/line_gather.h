/* line_gather.h - eight bytes from each of eight places, for the files that look at eight ends at a time: several times as
 * fast as the instruction that gathers them. */
#pragma once

#if defined(__x86_64__)

#	include <immintrin.h>
#	include <stdint.h>

#	include "base/inline.h"

/* Of processors that have line_sift_has_wide(). */
#	define LINE_WIDE                                                                       \
		__attribute__((target("avx512vbmi,avx512cd,avx512dq,avx512vl,avx512f,avx512bw," \
		                      "avx2,bmi,bmi2,lzcnt,popcnt")))

enum { LINE_GATHER = 8 };

LINE_WIDE ALWAYS_INLINE __m256i line_load_four(const uint8_t *a, const uint8_t *b, const uint8_t *c,
                                               const uint8_t *d)
{
	__m128d low = _mm_loadh_pd(_mm_load_sd((const double *)a), (const double *)b);
	__m128d high = _mm_loadh_pd(_mm_load_sd((const double *)c), (const double *)d);
	return _mm256_castpd_si256(_mm256_set_m128d(high, low));
}

/* From each of these places on. */
LINE_WIDE ALWAYS_INLINE __m512i line_load_at(const uint8_t *from, const uint32_t *at)
{
	__m256i low = line_load_four(from + at[0], from + at[1], from + at[2], from + at[3]);
	__m256i high = line_load_four(from + at[4], from + at[5], from + at[6], from + at[7]);
	return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/* The same of four words; from register to register: through memory it takes longer. */
LINE_WIDE ALWAYS_INLINE __m256i line_load_four_words(const uint64_t *words, __m256i at)
{
	__m128i low = _mm256_castsi256_si128(at), high = _mm256_extracti128_si256(at, 1);
	return line_load_four((const uint8_t *)(words + _mm_cvtsi128_si64(low)),
	                      (const uint8_t *)(words + _mm_extract_epi64(low, 1)),
	                      (const uint8_t *)(words + _mm_cvtsi128_si64(high)),
	                      (const uint8_t *)(words + _mm_extract_epi64(high, 1)));
}

/* Sixteen bytes from each of four places on. */
LINE_WIDE ALWAYS_INLINE __m512i line_load_four_long(const uint8_t *from, const uint32_t *at)
{
	__m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const void *)(from + at[0])));
	v = _mm512_inserti32x4(v, _mm_loadu_si128((const void *)(from + at[1])), 1);
	v = _mm512_inserti32x4(v, _mm_loadu_si128((const void *)(from + at[2])), 2);
	return _mm512_inserti32x4(v, _mm_loadu_si128((const void *)(from + at[3])), 3);
}

/* Calls for eight words; what is done by a loop is not unrolled everywhere. */
ALWAYS_INLINE void line_call_words(const uint64_t *words, const uint64_t *at)
{
	__builtin_prefetch(words + at[0]);
	__builtin_prefetch(words + at[1]);
	__builtin_prefetch(words + at[2]);
	__builtin_prefetch(words + at[3]);
	__builtin_prefetch(words + at[4]);
	__builtin_prefetch(words + at[5]);
	__builtin_prefetch(words + at[6]);
	__builtin_prefetch(words + at[7]);
}

/* line_load_words() of places that are in memory. */
LINE_WIDE ALWAYS_INLINE __m512i line_load_words_at(const uint64_t *words, const uint64_t *at)
{
	__m256i low =
		line_load_four((const uint8_t *)(words + at[0]), (const uint8_t *)(words + at[1]),
	                       (const uint8_t *)(words + at[2]), (const uint8_t *)(words + at[3]));
	__m256i high =
		line_load_four((const uint8_t *)(words + at[4]), (const uint8_t *)(words + at[5]),
	                       (const uint8_t *)(words + at[6]), (const uint8_t *)(words + at[7]));
	return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

LINE_WIDE ALWAYS_INLINE __m512i line_load_words(const uint64_t *words, __m512i at)
{
	__m256i low = line_load_four_words(words, _mm512_castsi512_si256(at));
	__m256i high = line_load_four_words(words, _mm512_extracti64x4_epi64(at, 1));
	return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

#endif
