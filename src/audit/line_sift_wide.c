/* line_sift_wide.c - the first look of line_sift.h at eight ends at a time. */
#include "audit/line_sift_private.h"

#if defined(__x86_64__)

#	include <immintrin.h>

#	define TARGET                                                                          \
		__attribute__((target("avx512vbmi,avx512dq,avx512vl,avx512f,avx512bw,avx2,bmi," \
		                      "bmi2,lzcnt,popcnt")))

enum { BYTES_AHEAD = LINE_SIFT_GROUP * 64 };

struct set {
	__m512i multiplier[2];
	__m128i to_word;
	const uint64_t *words;
};

TARGET ALWAYS_INLINE __m256i load_four(const uint8_t *a, const uint8_t *b, const uint8_t *c,
                                       const uint8_t *d)
{
	__m128d low = _mm_loadh_pd(_mm_load_sd((const double *)a), (const double *)b);
	__m128d high = _mm_loadh_pd(_mm_load_sd((const double *)c), (const double *)d);
	return _mm256_castpd_si256(_mm256_set_m128d(high, low));
}

/* Eight bytes from each of these places on: several times as fast as the instruction that gathers them. */
TARGET ALWAYS_INLINE __m512i load_at(const uint8_t *from, const uint32_t *at)
{
	__m256i low = load_four(from + at[0], from + at[1], from + at[2], from + at[3]);
	__m256i high = load_four(from + at[4], from + at[5], from + at[6], from + at[7]);
	return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/* From register to register: through memory it takes longer. */
TARGET ALWAYS_INLINE __m256i load_words(const uint64_t *words, __m256i at)
{
	__m128i low = _mm256_castsi256_si128(at), high = _mm256_extracti128_si256(at, 1);
	return load_four((const uint8_t *)(words + _mm_cvtsi128_si64(low)),
	                 (const uint8_t *)(words + _mm_extract_epi64(low, 1)),
	                 (const uint8_t *)(words + _mm_cvtsi128_si64(high)),
	                 (const uint8_t *)(words + _mm_extract_epi64(high, 1)));
}

/* line_tails_bits() */
TARGET ALWAYS_INLINE unsigned has_bits(const struct set *s, __m512i hash)
{
	const __m512i both = _mm512_set1_epi64(UINT64_C(1) << 40 | UINT64_C(1) << 32);
	__m512i at = _mm512_srl_epi64(hash, s->to_word);
	__m256i low = load_words(s->words, _mm512_castsi512_si256(at));
	__m256i high = load_words(s->words, _mm512_extracti64x4_epi64(at, 1));
	__m512i words = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
	__m512i bits = _mm512_and_si512(_mm512_multishift_epi64_epi8(hash, words), both);
	return _mm512_cmpeq_epi64_mask(bits, both);
}

TARGET ALWAYS_INLINE unsigned has_short(const struct line_tails *t, __m512i last)
{
	unsigned has = 0;
	for (unsigned i = 0; i < t->short_count; i++) {
		__m512i mask = _mm512_set1_epi64((long long)t->short_masks[i]),
			text = _mm512_set1_epi64((long long)t->shorts[i]);
		has |= _mm512_cmpeq_epi64_mask(_mm512_and_si512(last, mask), text);
	}
	return has;
}

TARGET ALWAYS_INLINE unsigned has_cut(const struct line_tails *t, const struct set *s, __m512i last)
{
	unsigned has = 0;
	for (unsigned i = 1; i < t->cut_count; i++) {
		__m512i cut = _mm512_srl_epi64(last, _mm_cvtsi32_si128(t->cuts[i]));
		has |= has_bits(s, _mm512_mullo_epi64(cut, s->multiplier[0]));
	}
	return has;
}

/* line_tails_may_have() */
TARGET ALWAYS_INLINE unsigned may_have(const struct line_tails *t, const struct set *s,
                                       __m512i last, __m512i before, bool has_long)
{
	__m512i hash = _mm512_mullo_epi64(last, s->multiplier[0]);
	unsigned may = has_bits(s, hash);
	may |= t->short_count <= LINE_TAIL_SHORTS_MAX ? has_short(t, last) : has_cut(t, s, last);
	if (has_long)
		may |= has_bits(
			s, _mm512_add_epi64(hash, _mm512_mullo_epi64(before, s->multiplier[1])));
	return may;
}

TARGET ALWAYS_INLINE void look(const struct line_sift *s, const uint32_t *ends, uint32_t count,
                               uint8_t *ret_may, bool has_long)
{
	const struct line_tails *t = s->tails;
	const struct set set = {{_mm512_set1_epi64((long long)t->multiplier[0]),
	                         _mm512_set1_epi64((long long)t->multiplier[1])},
	                        _mm_cvtsi32_si128(70 - (int)t->bits_log),
	                        t->bits};
	const __m512i lower = _mm512_set1_epi8(' '), dot = _mm512_set1_epi64('.');
	const uint8_t *chunk = s->run.bytes + s->chunk, *ahead = chunk + LINE_ENDS_AHEAD;
	for (uint32_t i = 0; i < count; i += LINE_SIFT_GROUP, ahead += BYTES_AHEAD) {
		for (unsigned k = 0; k < BYTES_AHEAD; k += 64)
			__builtin_prefetch(ahead + k);
		__m512i last = _mm512_or_si512(load_at(chunk - 8, ends + i), lower);
		__m512i before = has_long ? load_at(chunk - LINE_TAIL_LONG, ends + i) : lower;
		before = _mm512_or_si512(before, lower);
		unsigned may = may_have(t, &set, last, before, has_long);
		may |= _mm512_cmpeq_epi64_mask(_mm512_srli_epi64(last, 56), dot);
		_mm_storel_epi64((__m128i *)(ret_may + i), _mm_maskz_set1_epi8((__mmask16)may, 1));
	}
}

TARGET static void look_short(const struct line_sift *s, const uint32_t *ends, uint32_t count,
                              uint8_t *ret_may)
{
	look(s, ends, count, ret_may, false);
}

TARGET static void look_long(const struct line_sift *s, const uint32_t *ends, uint32_t count,
                             uint8_t *ret_may)
{
	look(s, ends, count, ret_may, true);
}

/* The first chunk may have too little before an end, and a dot behind a text is not looked for here. */
uint32_t line_sift_wide(const struct line_sift *s, uint32_t *ends, uint32_t count,
                        uint32_t *ret_seconds)
{
	if (s->chunk == 0 || s->has_dots)
		return line_sift_fast(s, ends, count, ret_seconds);
	return line_sift_by(s->tails->has_long ? look_long : look_short, s, ends, count,
	                    ret_seconds);
}

bool line_sift_has_wide(void)
{
	return line_ends_has_avx2() && __builtin_cpu_supports("avx512vbmi") &&
	       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512bw");
}

#else

uint32_t line_sift_wide(const struct line_sift *s, uint32_t *ends, uint32_t count,
                        uint32_t *ret_seconds)
{
	return line_sift_fast(s, ends, count, ret_seconds);
}

bool line_sift_has_wide(void)
{
	return false;
}

#endif
