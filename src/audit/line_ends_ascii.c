/* line_ends_ascii.c - the ends of a chunk that is ASCII, as nearly all text, in three passes: bytes become a few sets,
 * the sets' sums are what is behind runs, and of each word of those the bits are numbered. */
#include "audit/line_ends_private.h"

#if defined(__x86_64__)

#	include <immintrin.h>

#	define TARGET                                                                           \
		__attribute__((target("avx512vpopcntdq,avx512vbmi,avx512vbmi2,avx512vl,avx512f," \
		                      "avx512bw,avx2,bmi,bmi2,lzcnt,popcnt")))

enum { GROUP = 8 };

_Static_assert((int)LINE_ENDS_WORDS % (int)GROUP == 0 && LINE_ENDS_WORDS < 256,
               "whole groups, and a byte counts the feeds of a column");

#	define IN(is, plane) _mm512_test_epi8_mask(is, _mm512_set1_epi8((char)(plane)))

/* Runs, and where in one is what makes it count. */
struct runs {
	uint64_t in[LINE_ENDS_WORDS], begins[LINE_ENDS_WORDS];
};

struct sets {
	struct runs names, numbers;
	uint64_t hex[LINE_ENDS_WORDS], colon[LINE_ENDS_WORDS];
};

struct look {
	__m512i low, high, begin, feeds, any;
};

TARGET ALWAYS_INLINE struct look begin_look(const struct line_ends_table *t)
{
	bool any_label = t->with & LINE_ENDS_ANY_LABEL;
	return (struct look){
		.low = _mm512_loadu_si512((const void *)t->planes),
		.high = _mm512_loadu_si512((const void *)(t->planes + 64)),
		.begin = _mm512_set1_epi8(any_label ? PLANE_LABEL : PLANE_LETTER),
		.feeds = _mm512_setzero_si512(),
		.any = _mm512_setzero_si512(),
	};
}

/* `behind_dot`: which of them have a dot before them. */
TARGET ALWAYS_INLINE void read_word(struct look *l, __m512i v, __mmask64 behind_dot, size_t w,
                                    struct sets *ret, bool has_numbers)
{
	__asm__("" : "+v"(v)); /* loaded once */
	__m512i is = _mm512_permutex2var_epi8(l->low, v, l->high);
	ret->names.in[w] = IN(is, PLANE_HOST);
	ret->names.begins[w] = _mm512_mask_test_epi8_mask(behind_dot, is, l->begin);
	if (has_numbers) {
		__mmask64 number = IN(is, PLANE_NUMBER);
		ret->numbers.in[w] = number;
		ret->numbers.begins[w] = number & behind_dot;
		ret->hex[w] = IN(is, PLANE_HEX);
		ret->colon[w] = IN(is, PLANE_COLON);
	}
	l->feeds = _mm512_mask_sub_epi8(l->feeds, _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')),
	                                l->feeds, _mm512_set1_epi8(-1));
	l->any = _mm512_ternarylogic_epi32(l->any, v, is, 0xfe);
}

/* Returns false where there are escapes or what is no ASCII. */
TARGET ALWAYS_INLINE bool read_sets(const struct line_ends_table *t, const uint8_t *bytes,
                                    size_t words, bool behind, struct sets *ret,
                                    uint64_t *ret_feeds, bool has_numbers)
{
	const __m512i dot = _mm512_set1_epi8('.');
	struct look l = begin_look(t);
	/* nothing may be before the first */
	__m512i before = _mm512_maskz_loadu_epi8(~UINT64_C(1), bytes - 1);
	__mmask64 behind_dot = _mm512_cmpeq_epi8_mask(before, dot) | behind;
	for (size_t w = 0;;) {
		__m512i v = _mm512_loadu_si512((const void *)(bytes + 64 * w));
		call_ahead(bytes + 64 * w);
		read_word(&l, v, behind_dot, w, ret, has_numbers);
		if (++w == words)
			break;
		before = _mm512_loadu_si512((const void *)(bytes + 64 * w - 1));
		behind_dot = _mm512_cmpeq_epi8_mask(before, dot);
	}
	__m512i feeds = _mm512_sad_epu8(l.feeds, _mm512_setzero_si512());
	*ret_feeds = (uint64_t)_mm512_reduce_add_epi64(feeds);
	return !_mm512_movepi8_mask(l.any);
}

/* Where escapes are; returns false where something is no ASCII. */
TARGET static bool read_escapes(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                                uint64_t *ret)
{
	struct look l = begin_look(t);
	for (size_t w = 0; w < words; w++) {
		__m512i v = _mm512_loadu_si512((const void *)(bytes + 64 * w));
		ret[w] = IN(_mm512_permutex2var_epi8(l.low, v, l.high), PLANE_STRANGE);
		l.any = _mm512_or_si512(l.any, v);
	}
	return !_mm512_movepi8_mask(l.any);
}

/* For large filters only. */
TARGET static void keep_sets(const struct sets *s, const uint8_t *bytes, size_t words,
                             struct line_ends *e)
{
	const __m512i dot = _mm512_set1_epi8('.');
	size_t from = e->words + 1;
	for (size_t w = 0; w < words; w++) {
		__m512i v = _mm512_loadu_si512((const void *)(bytes + 64 * w));
		e->host[from + w] = s->names.in[w];
		e->dot[from + w] = _mm512_cmpeq_epi8_mask(v, dot);
	}
	e->host[from + words] = e->dot[from + words] = 0;
}

/* What run_ends() does, of GROUP words at once. */
TARGET ALWAYS_INLINE __m512i group_ends(__m512i runs, __m512i begins, uint64_t *carry)
{
	__m512i sum = _mm512_add_epi64(runs, begins), ones = _mm512_set1_epi64(-1);
	unsigned over = _mm512_cmplt_epu64_mask(sum, runs);
	unsigned full = _mm512_cmpeq_epi64_mask(sum, ones);
	unsigned add = (over << 1 | (unsigned)*carry) + full;
	sum = _mm512_mask_sub_epi64(sum, (__mmask8)(add ^ full), sum, ones);
	*carry = add >> GROUP;
	return _mm512_andnot_si512(runs, sum);
}

TARGET ALWAYS_INLINE __m512i load_group(const uint64_t *words)
{
	return _mm512_loadu_si512((const void *)words);
}

/* Where the bits of a group are, counted from the begin of the chunk. */
TARGET ALWAYS_INLINE __m512i group_places(size_t w)
{
	__m512i at = _mm512_setr_epi64(0, 64, 128, 192, 256, 320, 384, 448);
	return _mm512_add_epi64(at, _mm512_set1_epi64((long long)w * 64));
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

TARGET ALWAYS_INLINE uint32_t *put_few(uint32_t *ends, __m512i bits, __m512i at)
{
	while (__builtin_expect(_mm512_test_epi64_mask(bits, bits), 0))
		ends = put_firsts(ends, &bits, at);
	return ends;
}

/* Nearly all words have two at most. */
TARGET ALWAYS_INLINE uint32_t *put_many(uint32_t *ends, __m512i bits, __m512i at)
{
	ends = put_firsts(ends, &bits, at);
	ends = put_firsts(ends, &bits, at);
	return put_few(ends, bits, at);
}

/* A word's bits, each so many places on, with those of the word before. */
#	define SHIFTED(words, before, by) \
		_mm512_shldi_epi64(words, _mm512_alignr_epi64(words, before, GROUP - 1), by)

/* Of the ends of a group those whose names have an escape before or behind them. */
TARGET ALWAYS_INLINE __m512i strange_ends(struct line_ends *e, __m512i host, __m512i escapes,
                                          __m512i ends)
{
	__m512i before = _mm512_set1_epi64((long long)(e->escape_carry << 63));
	__m512i begins = _mm512_and_si512(SHIFTED(escapes, before, 1), host);
	__m512i touched = group_ends(host, begins, &e->strange_carry);
	return _mm512_and_si512(ends, _mm512_or_si512(touched, escapes));
}

TARGET ALWAYS_INLINE void put_names(const struct sets *s, size_t words, struct line_ends *e,
                                    bool has_escapes)
{
	uint32_t *ends = e->ends + e->end_count, *strange = e->strange_ends + e->strange_end_count;
	const uint64_t *escapes = e->strange + e->words + 1;
	uint64_t carry = e->name_carry;
	for (size_t w = 0; w < words; w += GROUP) {
		__m512i host = load_group(s->names.in + w), at = group_places(e->words + w);
		__m512i bits = group_ends(host, load_group(s->names.begins + w), &carry);
		if (has_escapes) {
			__m512i apart = strange_ends(e, host, load_group(escapes + w), bits);
			e->escape_carry = escapes[w + GROUP - 1] >> 63;
			strange = put_few(strange, apart, at);
			bits = _mm512_andnot_si512(apart, bits);
		}
		ends = put_many(ends, bits, at);
	}
	e->name_carry = carry;
	e->end_count = (uint32_t)(ends - e->ends);
	e->strange_end_count = (uint32_t)(strange - e->strange_ends);
}

/* Colons behind four of `hex`. */
TARGET ALWAYS_INLINE __m512i colon_ends(__m512i colons, __m512i hex, __m512i before)
{
	colons = _mm512_and_si512(colons, SHIFTED(hex, before, 1));
	colons = _mm512_and_si512(colons, SHIFTED(hex, before, 2));
	colons = _mm512_and_si512(colons, SHIFTED(hex, before, 3));
	return _mm512_and_si512(colons, SHIFTED(hex, before, 4));
}

TARGET ALWAYS_INLINE void put_numbers(const struct sets *s, size_t words, struct line_ends *e)
{
	uint32_t *numbers = e->numbers + e->number_count, *groups = e->groups + e->group_count;
	__m512i before = _mm512_set1_epi64((long long)e->hex_before);
	uint64_t carry = e->number_carry;
	for (size_t w = 0; w < words; w += GROUP) {
		__m512i number = load_group(s->numbers.in + w), at = group_places(e->words + w);
		__m512i hex = load_group(s->hex + w);
		numbers = put_many(
			numbers, group_ends(number, load_group(s->numbers.begins + w), &carry), at);
		groups = put_few(groups, colon_ends(load_group(s->colon + w), hex, before), at);
		before = hex;
	}
	e->hex_before = s->hex[words - 1];
	e->number_carry = carry;
	e->number_count = (uint32_t)(numbers - e->numbers);
	e->group_count = (uint32_t)(groups - e->groups);
}

TARGET ALWAYS_INLINE bool read_ascii(const struct line_ends_table *t, const uint8_t *bytes,
                                     size_t words, struct line_ends *e, bool has_numbers)
{
	struct sets s;
	uint64_t feeds, *escapes = e->strange + e->words + 1;
	bool is_calm = read_sets(t, bytes, words, e->dot_carry, &s, &feeds, has_numbers);
	if (!is_calm && !read_escapes(t, bytes, words, escapes))
		return false;
	for (size_t w = 0; is_calm && w < words; w += GROUP)
		_mm512_storeu_si512((void *)(escapes + w), _mm512_setzero_si512());
	if (is_calm && !e->escape_carry && !e->strange_carry)
		put_names(&s, words, e, false);
	else
		put_names(&s, words, e, true);
	if (has_numbers)
		put_numbers(&s, words, e);
	if (t->with & LINE_ENDS_SETS)
		keep_sets(&s, bytes, words, e);
	e->any_strange |= !is_calm;
	e->feeds += feeds;
	e->words += words;
	e->dot_carry = bytes[words * 64 - 1] == '.';
	return true;
}

TARGET bool line_ends_read_ascii(const struct line_ends_table *t, const uint8_t *bytes,
                                 size_t words, struct line_ends *e)
{
	bool is_whole = words && words % GROUP == 0;
	if (!is_whole || t->with & (LINE_ENDS_NO_DOT | LINE_ENDS_COUNTED))
		return false;
	if (e->is_wild) {
		e->is_wild = false;
		return false;
	}
	bool is_read = t->with & LINE_ENDS_NUMBERS ? read_ascii(t, bytes, words, e, true)
	                                           : read_ascii(t, bytes, words, e, false);
	e->is_wild = !is_read;
	return is_read;
}

#endif
