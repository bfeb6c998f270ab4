/* line_sift_wide.c - the first look of line_sift.h at eight ends at a time. Among many texts all ends are asked for by their
 * last eight bytes, which leaves one in seven, and only those by the last twelve. */
#include "audit/line_sift_private.h"

#if defined(__x86_64__)

#	include "audit/line_gather.h"

_Static_assert((int)LINE_SIFT_GROUP == (int)LINE_GATHER, "a group is what is loaded at once");

struct set {
	__m512i multiplier[2], first_mask;
	__m128i to_word;
	const uint64_t *words;
};

LINE_WIDE ALWAYS_INLINE struct set set_of(const struct line_tails *t, const uint64_t *words,
                                          unsigned log)
{
	return (struct set){{_mm512_set1_epi64((long long)t->multiplier[0]),
	                     _mm512_set1_epi64((long long)t->multiplier[1])},
	                    _mm512_set1_epi64((long long)t->first_mask),
	                    _mm_cvtsi32_si128(70 - (int)log),
	                    words};
}

/* line_tails_bits() */
LINE_WIDE ALWAYS_INLINE unsigned has_bits(const struct set *s, __m512i hash)
{
	const __m512i both = _mm512_set1_epi64(UINT64_C(1) << 40 | UINT64_C(1) << 32);
	__m512i at = _mm512_srl_epi64(hash, s->to_word);
	__m512i words = line_load_words(s->words, at);
	__m512i bits = _mm512_and_si512(_mm512_multishift_epi64_epi8(hash, words), both);
	return _mm512_cmpeq_epi64_mask(bits, both);
}

LINE_WIDE ALWAYS_INLINE unsigned has_short(const struct line_tails *t, __m512i last)
{
	unsigned has = 0;
	for (unsigned i = 0; i < t->short_count; i++) {
		__m512i mask = _mm512_set1_epi64((long long)t->short_masks[i]),
			text = _mm512_set1_epi64((long long)t->shorts[i]);
		has |= _mm512_cmpeq_epi64_mask(_mm512_and_si512(last, mask), text);
	}
	return has;
}

LINE_WIDE ALWAYS_INLINE unsigned has_cut(const struct line_tails *t, const struct set *s,
                                         __m512i last)
{
	unsigned has = 0;
	for (unsigned i = 1; i < t->cut_count; i++) {
		__m512i cut = _mm512_srl_epi64(last, _mm_cvtsi32_si128(t->cuts[i]));
		has |= has_bits(s, _mm512_mullo_epi64(cut, s->multiplier[0]));
	}
	return has;
}

/* Whether one of the set's eight bytes may end there, a shorter text, or a dot. */
LINE_WIDE ALWAYS_INLINE unsigned may_have(const struct line_tails *t, const struct set *s,
                                          const struct set *cuts, __m512i last)
{
	const __m512i dot = _mm512_set1_epi64('.');
	__m512i first = _mm512_and_si512(last, s->first_mask);
	unsigned may = has_bits(s, _mm512_mullo_epi64(first, s->multiplier[0]));
	may |= t->short_count <= LINE_TAIL_SHORTS_MAX ? has_short(t, last) : has_cut(t, cuts, last);
	return may | _mm512_cmpeq_epi64_mask(_mm512_srli_epi64(last, 56), dot);
}

/* Eight bytes from each of these places on, in lower case. */
LINE_WIDE ALWAYS_INLINE __m512i read_tails(const uint8_t *from, const uint32_t *ends)
{
	return _mm512_or_si512(line_load_at(from, ends), _mm512_set1_epi8(' '));
}

LINE_WIDE ALWAYS_INLINE void look(const struct line_sift *s, const uint32_t *ends, uint32_t count,
                                  uint8_t *ret_may, bool has_long)
{
	const struct line_tails *t = s->tails;
	const struct set set = set_of(t, t->bits, t->bits_log);
	const uint8_t *chunk = s->run.bytes + s->chunk;
	for (uint32_t i = 0; i < count; i += LINE_SIFT_GROUP) {
		__m512i last = read_tails(chunk - 8, ends + i);
		unsigned may = may_have(t, &set, &set, last);
		if (has_long) {
			__m512i before = read_tails(chunk - LINE_TAIL_LONG, ends + i);
			__m512i hash = _mm512_mullo_epi64(last, set.multiplier[0]);
			before = _mm512_mullo_epi64(before, set.multiplier[1]);
			may |= has_bits(&set, _mm512_add_epi64(hash, before));
		}
		_mm_storel_epi64((__m128i *)(ret_may + i), _mm_maskz_set1_epi8((__mmask16)may, 1));
	}
}

LINE_WIDE static void look_short(const struct line_sift *s, const uint32_t *ends, uint32_t count,
                                 uint8_t *ret_may)
{
	look(s, ends, count, ret_may, false);
}

LINE_WIDE static void look_long(const struct line_sift *s, const uint32_t *ends, uint32_t count,
                                uint8_t *ret_may)
{
	look(s, ends, count, ret_may, true);
}

/* Moves those to the front whose last eight bytes a text may have. Of many texts. */
LINE_WIDE static uint32_t keep_lasts(const struct line_sift *s, uint32_t *ends, uint32_t count)
{
	const struct line_tails *t = s->tails;
	const struct set set = set_of(t, t->lasts, t->lasts_log),
			 cuts = set_of(t, t->bits, t->bits_log);
	const uint8_t *chunk = s->run.bytes + s->chunk;
	uint32_t kept = 0;
	for (uint32_t i = 0; i < count; i += LINE_SIFT_GROUP) {
		__m256i at = _mm256_loadu_si256((const void *)(ends + i));
		unsigned may = may_have(t, &set, &cuts, read_tails(chunk - 8, ends + i));
		if (count - i < LINE_SIFT_GROUP) /* what is behind the last is not asked for */
			may &= (1u << (count - i)) - 1;
		_mm256_storeu_si256((void *)(ends + kept),
		                    _mm256_maskz_compress_epi32((__mmask8)may, at));
		kept += (uint32_t)__builtin_popcount(may);
	}
	return kept;
}

/* The first chunk may have too little before an end, and a dot behind a text is not looked for here. */
uint32_t line_sift_wide(const struct line_sift *s, uint32_t *ends, uint32_t count,
                        uint32_t *ret_seconds)
{
	if (s->chunk == 0 || s->has_dots)
		return line_sift_fast(s, ends, count, ret_seconds);
	if (!s->tails->has_long)
		return line_sift_by(look_short, s, ends, count, ret_seconds);
	for (uint32_t i = 0; i < LINE_SIFT_GROUP; i++)
		ends[count + i] = ends[0];
	return line_sift_by(look_long, s, ends, keep_lasts(s, ends, count), ret_seconds);
}

bool line_sift_has_wide(void)
{
	return line_ends_has_avx2() && __builtin_cpu_supports("avx512vbmi") &&
	       __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
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
