/* line_ends_vectors.c - the sets of line_ends.h by the halves of each byte, for processors of any age. */
#include "audit/line_ends_private.h"

#if defined(__x86_64__)

#	include <immintrin.h>

#	define SSSE3  __attribute__((target("ssse3")))
#	define AVX2   __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#	define AVX512 __attribute__((target("avx512f,avx512bw,avx2,bmi,bmi2,lzcnt,popcnt")))

typedef struct line_ends_word read_word_function(const struct line_ends_table *t,
                                                 const uint8_t *bytes);

ALWAYS_INLINE void read_words(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                              struct line_ends *e, size_t from, read_word_function *read)
{
	uint64_t feeds = 0, strange = 0;
	for (size_t w = from; w < from + words; w++, bytes += 64) {
		call_ahead(bytes);
		struct line_ends_word is = read(t, bytes);
		feeds += (uint64_t)__builtin_popcountll(is.feed);
		e->host[w] = is.host;
		e->letter[w] = is.letter;
		e->dot[w] = is.dot;
		e->high[w] = is.high;
		e->strange[w] = is.high | is.escape;
		strange |= is.high | is.escape;
		if (t->with & LINE_ENDS_NUMBERS) {
			e->hex[w] = is.hex;
			e->colon[w] = is.colon;
		}
	}
	e->feeds += feeds;
	e->any_strange |= strange;
}

/* The faster way for all groups that allow it. */
ALWAYS_INLINE void read_groups(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                               struct line_ends *e, line_ends_calm_function *calm,
                               read_word_function *read)
{
	for (size_t i = 0; i < words; i += LINE_ENDS_GROUP) {
		size_t count = words - i < LINE_ENDS_GROUP ? words - i : LINE_ENDS_GROUP;
		size_t from = e->words + 1 + i;
		if (!calm(t, bytes + i * 64, count, e, from))
			read_words(t, bytes + i * 64, count, e, from, read);
	}
}

/* 64 bytes in vectors of `step`: what those of both widths share. */
#	define READ_VECTORS(vector, step, row, loadu, set1, shuffle, srli, slli, and, or, max,  \
	                     equal, movemask, mask_type)                                         \
		const vector low = row((const void *)t->low), high = row((const void *)t->high); \
		struct line_ends_word r = {0};                                                   \
		for (unsigned i = 0; i < 64; i += step, bytes += step) {                         \
			vector v = loadu((const void *)bytes);                                   \
			vector is =                                                              \
				and(shuffle(low, v), shuffle(high, and(srli(v, 4), set1(15))));  \
			uint64_t top = (mask_type)movemask(v);                                   \
			r.high |= top << i;                                                      \
			r.host |= ((mask_type)movemask(equal(max(is, set1(IS_HOST_FROM)), is)) | \
			           top)                                                          \
			          << i;                                                          \
			r.letter |= ((mask_type)movemask(or (is, slli(is, 1))) | top) << i;      \
			r.dot |= (uint64_t)(mask_type)movemask(slli(is, 2)) << i;                \
			r.escape |= (uint64_t)(mask_type)movemask(or (slli(is, 7), slli(is, 6))) \
			            << i;                                                        \
			r.hex |= (uint64_t)(mask_type)movemask(or (is, slli(is, 3))) << i;       \
			r.colon |= (uint64_t)(mask_type)movemask(equal(v, set1(':'))) << i;      \
			r.feed |= (uint64_t)(mask_type)movemask(equal(v, set1('\n'))) << i;      \
		}                                                                                \
		return r

#	define ROW32(at) _mm256_broadcastsi128_si256(_mm_loadu_si128(at))

SSSE3 ALWAYS_INLINE struct line_ends_word ssse3_word(const struct line_ends_table *t,
                                                     const uint8_t *bytes)
{
	READ_VECTORS(__m128i, 16, _mm_loadu_si128, _mm_loadu_si128, _mm_set1_epi8, _mm_shuffle_epi8,
	             _mm_srli_epi16, _mm_slli_epi16, _mm_and_si128, _mm_or_si128, _mm_max_epu8,
	             _mm_cmpeq_epi8, _mm_movemask_epi8, uint16_t);
}

AVX2 ALWAYS_INLINE struct line_ends_word avx2_word(const struct line_ends_table *t,
                                                   const uint8_t *bytes)
{
	READ_VECTORS(__m256i, 32, ROW32, _mm256_loadu_si256, _mm256_set1_epi8, _mm256_shuffle_epi8,
	             _mm256_srli_epi16, _mm256_slli_epi16, _mm256_and_si256, _mm256_or_si256,
	             _mm256_max_epu8, _mm256_cmpeq_epi8, _mm256_movemask_epi8, uint32_t);
}

/* A mask register is a word. */
AVX512 ALWAYS_INLINE struct line_ends_word avx512_word(const struct line_ends_table *t,
                                                       const uint8_t *bytes)
{
	const __m512i low = _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)t->low));
	const __m512i high = _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)t->high));
	const __m512i nibble = _mm512_set1_epi8(15);
	__m512i v = _mm512_loadu_si512((const void *)bytes);
	__m512i half = _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble);
	__m512i is = _mm512_and_si512(_mm512_shuffle_epi8(low, v), _mm512_shuffle_epi8(high, half));
	uint64_t top = _mm512_movepi8_mask(v);
	return (struct line_ends_word){
		.high = top,
		.host = _mm512_test_epi8_mask(is, _mm512_set1_epi8((char)~IS_ESCAPE)) | top,
		.letter = _mm512_test_epi8_mask(
				  is, _mm512_set1_epi8((char)(IS_EARLY_LETTER | IS_LATE_LETTER))) |
	                  top,
		.dot = _mm512_test_epi8_mask(is, _mm512_set1_epi8(IS_DOT)),
		.escape = _mm512_test_epi8_mask(is, _mm512_set1_epi8(IS_ESCAPE)),
		.hex = _mm512_test_epi8_mask(is,
	                                     _mm512_set1_epi8((char)(IS_EARLY_LETTER | IS_DIGIT))),
		.colon = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(':')),
		.feed = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')),
	};
}

SSSE3 void line_ends_read_ssse3(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                                struct line_ends *e)
{
	read_groups(t, bytes, words, e, line_ends_calm_ssse3, ssse3_word);
	line_ends_join(e, words, t->with);
}

AVX2 void line_ends_read_avx2(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                              struct line_ends *e)
{
	read_groups(t, bytes, words, e, line_ends_calm_avx2, avx2_word);
	line_ends_join_fast(e, words, t->with);
}

AVX512 void line_ends_read_avx512(const struct line_ends_table *t, const uint8_t *bytes,
                                  size_t words, struct line_ends *e)
{
	read_words(t, bytes, words, e, e->words + 1, avx512_word);
	line_ends_join_fast(e, words, t->with);
}

bool line_ends_has_ssse3(void)
{
	return __builtin_cpu_supports("ssse3");
}

bool line_ends_has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2") && /* and, with these, lzcnt */
	       __builtin_cpu_supports("popcnt");
}

bool line_ends_has_avx512(void)
{
	return line_ends_has_avx2() && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw");
}

#else

bool line_ends_has_avx2(void)
{
	return false;
}

#endif
