/* line_ends_calm.c - the ends of a chunk that has neither escapes nor what is no ASCII, as nearly all text, in three
 * passes: bytes become two sets, the sets' sums are what is behind runs, and of each word of those the bits are numbered. */
#include "audit/line_ends_private.h"

#if defined(__x86_64__)

#	include <immintrin.h>

#	define TARGET                                                                             \
		__attribute__((target("avx512vpopcntdq,avx512vbmi,avx512vl,avx512f,avx512bw,avx2," \
		                      "bmi,bmi2,lzcnt,popcnt")))

enum { GROUP = 8 };

_Static_assert((int)LINE_ENDS_WORDS % (int)GROUP == 0 && LINE_ENDS_WORDS < 256,
               "whole groups, and a byte counts the feeds of a column");

#	define IN(is, plane) _mm512_test_epi8_mask(is, _mm512_set1_epi8(plane))

/* Text of so many words, and where a name is known to be one: at a letter behind a dot. */
struct sets {
	uint64_t *host, *dot;
	uint64_t begins[LINE_ENDS_WORDS];
};

struct look {
	__m512i low, high, feeds, any;
};

/* `behind_dot`: which of them have a dot before them. */
TARGET ALWAYS_INLINE void read_word(struct look *l, __m512i v, __mmask64 behind_dot,
                                    uint64_t *ret_host, uint64_t *ret_begins)
{
	__asm__("" : "+v"(v)); /* loaded once */
	__m512i is = _mm512_permutex2var_epi8(l->low, v, l->high);
	*ret_host = IN(is, PLANE_HOST);
	*ret_begins = _mm512_mask_test_epi8_mask(behind_dot, is, _mm512_set1_epi8(PLANE_LETTER));
	l->feeds = _mm512_mask_sub_epi8(l->feeds, _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')),
	                                l->feeds, _mm512_set1_epi8(-1));
	l->any = _mm512_ternarylogic_epi32(l->any, v, is, 0xfe);
}

/* Returns false where it is not calm. */
TARGET ALWAYS_INLINE bool read_sets(const struct line_ends_table *t, const uint8_t *bytes,
                                    size_t words, struct line_ends *e, struct sets *ret,
                                    bool has_sets)
{
	const __m512i dot = _mm512_set1_epi8('.');
	struct look l = {_mm512_loadu_si512((const void *)t->planes),
	                 _mm512_loadu_si512((const void *)(t->planes + 64)), _mm512_setzero_si512(),
	                 _mm512_setzero_si512()};
	/* nothing may be before the first */
	__m512i before = _mm512_maskz_loadu_epi8(~UINT64_C(1), bytes - 1);
	__mmask64 behind_dot = _mm512_cmpeq_epi8_mask(before, dot) | e->dot_carry;
	for (size_t w = 0;;) {
		__m512i v = _mm512_loadu_si512((const void *)(bytes + 64 * w));
		__builtin_prefetch(bytes + 64 * w + LINE_ENDS_BYTES);
		read_word(&l, v, behind_dot, &ret->host[w], &ret->begins[w]);
		if (has_sets)
			ret->dot[w] = _mm512_cmpeq_epi8_mask(v, dot);
		if (++w == words)
			break;
		before = _mm512_loadu_si512((const void *)(bytes + 64 * w - 1));
		behind_dot = _mm512_cmpeq_epi8_mask(before, dot);
	}
	if (_mm512_movepi8_mask(l.any))
		return false;
	__m512i feeds = _mm512_sad_epu8(l.feeds, _mm512_setzero_si512());
	e->feeds += (uint64_t)_mm512_reduce_add_epi64(feeds);
	return true;
}

/* What run_ends() does, of GROUP words at once. */
TARGET ALWAYS_INLINE __m512i group_ends(__m512i runs, __m512i begins, unsigned *carry)
{
	__m512i sum = _mm512_add_epi64(runs, begins), ones = _mm512_set1_epi64(-1);
	unsigned over = _mm512_cmplt_epu64_mask(sum, runs);
	unsigned full = _mm512_cmpeq_epi64_mask(sum, ones);
	unsigned add = (over << 1 | *carry) + full;
	sum = _mm512_mask_sub_epi64(sum, (__mmask8)(add ^ full), sum, ones);
	*carry = add >> GROUP;
	return _mm512_andnot_si512(runs, sum);
}

/* One of each word that has one, its first, which is taken away; not in order, if there are more. */
TARGET ALWAYS_INLINE uint32_t *put_firsts(uint32_t *ends, __m512i *bits, __m512i at)
{
	__m512i less = _mm512_add_epi64(*bits, _mm512_set1_epi64(-1));
	__m512i first = _mm512_popcnt_epi64(_mm512_andnot_si512(*bits, less));
	__mmask8 some = _mm512_test_epi64_mask(*bits, *bits);
	__m256i places = _mm512_cvtepi64_epi32(_mm512_add_epi64(first, at));
	_mm256_storeu_si256((__m256i *)ends, _mm256_maskz_compress_epi32(some, places));
	*bits = _mm512_and_si512(*bits, less);
	return ends + __builtin_popcount(some);
}

/* Nearly all words have two at most. */
TARGET ALWAYS_INLINE void put_ends_of(const struct sets *s, size_t words, struct line_ends *e)
{
	const __m512i step = _mm512_set1_epi64(64 * GROUP);
	__m512i at = _mm512_setr_epi64(0, 64, 128, 192, 256, 320, 384, 448);
	at = _mm512_add_epi64(at, _mm512_set1_epi64((long long)e->words * 64));
	uint32_t *ends = e->ends + e->end_count;
	unsigned carry = (unsigned)e->name_carry;
	for (size_t w = 0; w < words; w += GROUP, at = _mm512_add_epi64(at, step)) {
		__m512i host = _mm512_loadu_si512((const void *)(s->host + w));
		__m512i begins = _mm512_loadu_si512((const void *)(s->begins + w));
		__m512i bits = group_ends(host, begins, &carry);
		ends = put_firsts(ends, &bits, at);
		ends = put_firsts(ends, &bits, at);
		while (__builtin_expect(_mm512_test_epi64_mask(bits, bits), 0))
			ends = put_firsts(ends, &bits, at);
	}
	e->name_carry = carry;
	e->end_count = (uint32_t)(ends - e->ends);
}

TARGET ALWAYS_INLINE bool read_calm(const struct line_ends_table *t, const uint8_t *bytes,
                                    size_t words, struct line_ends *e, bool has_sets)
{
	uint64_t host[LINE_ENDS_WORDS];
	size_t from = e->words + 1;
	struct sets s;
	s.host = has_sets ? e->host + from : host;
	s.dot = e->dot + from;
	if (!read_sets(t, bytes, words, e, &s, has_sets))
		return false;
	put_ends_of(&s, words, e);
	for (size_t w = from; w < from + words; w += GROUP)
		_mm512_storeu_si512((void *)(e->strange + w), _mm512_setzero_si512());
	e->words += words;
	if (has_sets)
		e->host[e->words + 1] = e->dot[e->words + 1] = 0;
	e->dot_carry = bytes[words * 64 - 1] == '.';
	return true;
}

/* After a chunk that was not calm the next is thought not to be. */
static bool may_be_calm(const struct line_ends *e, size_t words, unsigned with)
{
	return words && words % GROUP == 0 &&
	       !(with & (LINE_ENDS_NUMBERS | LINE_ENDS_ANY_LABEL | LINE_ENDS_NO_DOT |
	                 LINE_ENDS_COUNTED)) &&
	       !(e->was_strange | e->any_strange | e->escape_carry | e->strange_carry);
}

TARGET bool line_ends_read_calm(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                                struct line_ends *e)
{
	if (!may_be_calm(e, words, t->with))
		return false;
	return t->with & LINE_ENDS_SETS ? read_calm(t, bytes, words, e, true)
	                                : read_calm(t, bytes, words, e, false);
}

#endif
