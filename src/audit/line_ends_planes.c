/* line_ends_planes.c - as line_ends.c, eight words at once: what each byte is comes from one look-up, first as a word of
 * bits a set for all of the chunk, then eight words are one vector. */
#include "audit/line_ends_private.h"

#if defined(__x86_64__)

#	include <immintrin.h>

#	define TARGET                                                                    \
		__attribute__((target("avx512vbmi,avx512vpopcntdq,avx512f,avx512bw,avx2," \
		                      "bmi,bmi2,lzcnt,popcnt")))

enum { LANES = 8 };

#	define SET(plane) _mm512_set1_epi8((char)(1u << (plane)))

/* The sets of the chunk that line_ends has no place for. */
struct sets {
	uint64_t host[LINE_ENDS_WORDS], letter[LINE_ENDS_WORDS], dot[LINE_ENDS_WORDS],
		high[LINE_ENDS_WORDS];
};

/* A word that may have what is no ASCII, or escapes. */
TARGET static void read_strange(const struct line_ends_table *t, const uint8_t *bytes,
                                struct line_ends *e, struct sets *s, size_t i)
{
	const __m512i low = _mm512_loadu_si512((const void *)t->planes);
	const __m512i high = _mm512_loadu_si512((const void *)(t->planes + 64));
	__m512i v = _mm512_loadu_si512((const void *)bytes);
	uint64_t top = _mm512_movepi8_mask(v);
	__m512i is = _mm512_permutex2var_epi8(low, v, high);
	e->strange[e->words + 1 + i] = (_mm512_test_epi8_mask(is, SET(PLANE_STRANGE)) & ~top) | top;
	s->high[i] = top;
	s->host[i] |= top;
	s->letter[i] |= top;
	s->dot[i] &= ~top;
}

/* Words as sets; returns whether there is anything strange. The look-up takes seven bits of a byte. */
TARGET ALWAYS_INLINE bool read_sets(const struct line_ends_table *t, const uint8_t *bytes,
                                    size_t words, struct line_ends *e, struct sets *s, size_t i)
{
	const __m512i low = _mm512_loadu_si512((const void *)t->planes);
	const __m512i high = _mm512_loadu_si512((const void *)(t->planes + 64));
	__m512i strange = _mm512_setzero_si512(), all = strange;
	for (size_t k = i; k < i + words; k++) {
		__m512i v = _mm512_loadu_si512((const void *)(bytes + k * 64));
		__builtin_prefetch(bytes + k * 64 + LINE_ENDS_BYTES);
		__m512i is = _mm512_permutex2var_epi8(low, v, high);
		s->host[k] = _mm512_test_epi8_mask(is, SET(PLANE_HOST));
		s->letter[k] = _mm512_test_epi8_mask(is, SET(PLANE_BEGINS));
		s->dot[k] = _mm512_test_epi8_mask(is, SET(PLANE_DOT));
		e->feed[e->words + 1 + k] = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n'));
		s->high[k] = 0;
		e->strange[e->words + 1 + k] = 0;
		all = _mm512_or_si512(all, v);
		strange = _mm512_or_si512(strange, is);
	}
	bool any = _mm512_movepi8_mask(all) | _mm512_test_epi8_mask(strange, SET(PLANE_STRANGE));
	for (size_t k = i; __builtin_expect(any, 0) && k < i + words; k++)
		read_strange(t, bytes + k * 64, e, s, k);
	return any;
}

/* Sums of lanes as if they were one number; *carry is of lane 0 before, and of lane `words` after. */
TARGET ALWAYS_INLINE __m512i add(__m512i a, __m512i b, size_t words, uint64_t *carry)
{
	const __m512i ones = _mm512_set1_epi64(-1);
	__m512i sum = _mm512_add_epi64(a, b);
	unsigned over = _mm512_cmplt_epu64_mask(sum, a), full = _mm512_cmpeq_epi64_mask(sum, ones);
	unsigned in = (full + (over << 1 | (unsigned)*carry)) ^ full;
	*carry = in >> words & 1;
	return _mm512_mask_sub_epi64(sum, (__mmask8)in, sum, ones);
}

/* What goes from one group of words to the next. */
struct group {
	__m512i dot, feeds;
	uint64_t carry;
	uint64_t *bits; /* words with ends, and where they begin */
	uint64_t *at;
};

/* Up to eight words; see read_with() in line_ends.c. */
TARGET ALWAYS_INLINE void join(struct line_ends *e, const struct sets *s, size_t i, size_t words,
                               unsigned with, struct group *g)
{
	const __m512i each =
		_mm512_set_epi64(7 * 64, 6 * 64, 5 * 64, 4 * 64, 3 * 64, 2 * 64, 64, 0);
	__mmask8 there = (__mmask8)((1u << words) - 1);
	__m512i host = _mm512_maskz_loadu_epi64(there, s->host + i);
	__m512i letter = _mm512_maskz_loadu_epi64(there, s->letter + i);
	__m512i dot = _mm512_maskz_loadu_epi64(there, s->dot + i);
	__m512i high = _mm512_maskz_loadu_epi64(there, s->high + i);
	size_t w = e->words + 1 + i;
	__m512i behind =
		_mm512_or_si512(_mm512_slli_epi64(dot, 1),
	                        _mm512_srli_epi64(_mm512_alignr_epi64(dot, g->dot, LANES - 1), 63));
	__m512i from = _mm512_or_si512(_mm512_and_si512(letter, behind), high);
	__m512i ends = _mm512_andnot_si512(host, add(host, from, words, &g->carry));
	g->dot = dot;
	g->feeds = _mm512_add_epi64(
		g->feeds, _mm512_popcnt_epi64(_mm512_maskz_loadu_epi64(there, e->feed + w)));
	/* dot or no host */
	_mm512_mask_storeu_epi64(e->stop + w, there,
	                         _mm512_ternarylogic_epi64(host, dot, dot, 0xcf));
	if (with & LINE_ENDS_NUMBERS) {
		_mm512_mask_storeu_epi64(e->number + w, there, _mm512_andnot_si512(letter, host));
		_mm512_mask_storeu_epi64(e->dot + w, there, dot);
	}
	__mmask8 some = _mm512_test_epi64_mask(ends, ends) & there;
	_mm512_storeu_si512(g->bits, _mm512_maskz_compress_epi64(some, ends));
	_mm512_storeu_si512(
		g->at,
		_mm512_maskz_compress_epi64(
			some, _mm512_add_epi64(each, _mm512_set1_epi64((int64_t)(w - 1) * 64))));
	g->bits += __builtin_popcount(some);
	g->at += __builtin_popcount(some);
}

TARGET ALWAYS_INLINE void read_chunk(const struct line_ends_table *t, const uint8_t *bytes,
                                     size_t words, struct line_ends *e, unsigned with)
{
	struct sets s;
	uint64_t bits[LINE_ENDS_WORDS + LANES], at[LINE_ENDS_WORDS + LANES];
	struct group g = {.dot = _mm512_set1_epi64((int64_t)(e->dot_carry << 63)),
	                  .feeds = _mm512_setzero_si512(),
	                  .carry = e->name_carry,
	                  .bits = bits,
	                  .at = at};
	size_t i = 0;
	bool any = false;
	for (; i + LANES <= words; i += LANES)
		any |= read_sets(t, bytes, LANES, e, &s, i);
	any |= read_sets(t, bytes, words - i, e, &s, i);
	e->any_strange |= any;
	i = 0;
	for (; i + LANES <= words; i += LANES)
		join(e, &s, i, LANES, with, &g);
	if (i < words)
		join(e, &s, i, words - i, with, &g);
	uint32_t *ends = e->ends + e->end_count;
	for (size_t k = 0; k < (size_t)(g.bits - bits); k++)
		ends = put_ends(ends, bits[k], (uint32_t)at[k]);
	if (words)
		e->dot_carry = s.dot[words - 1] >> 63;
	e->words += words;
	e->stop[e->words + 1] = e->strange[e->words + 1] = 0;
	e->end_count = (uint32_t)(ends - e->ends);
	e->feeds += (uint64_t)_mm512_reduce_add_epi64(g.feeds);
	e->name_carry = g.carry;
}

TARGET void line_ends_read_planes(const struct line_ends_table *t, const uint8_t *bytes,
                                  size_t words, struct line_ends *e)
{
	if (t->with & (LINE_ENDS_ANY_LABEL | LINE_ENDS_NO_DOT))
		line_ends_read_avx512(t, bytes, words, e);
	else if (t->with & LINE_ENDS_NUMBERS)
		read_chunk(t, bytes, words, e, LINE_ENDS_NUMBERS);
	else
		read_chunk(t, bytes, words, e, 0);
}

bool line_ends_has_planes(void)
{
	return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vpopcntdq") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2") &&
	       __builtin_cpu_supports("popcnt");
}

#endif
