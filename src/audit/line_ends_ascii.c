/* line_ends_ascii.c - the ends of a chunk that is ASCII, as nearly all text: each byte becomes the sets it is in, eight words
 * of these are turned into eight words of each set, the sets' sums are what is behind runs, and of each word of those the
 * bits are numbered. */
#include <string.h>

#include "audit/line_ends_private.h"

#if defined(__x86_64__)

#	include <immintrin.h>

#	define TARGET                                                                        \
		__attribute__((target("gfni,avx512vpopcntdq,avx512vbmi,avx512vbmi2,avx512vl," \
		                      "avx512f,avx512bw,avx512dq,avx2,bmi,bmi2,lzcnt,popcnt")))

enum { GROUP = 8 };

_Static_assert((int)LINE_ENDS_WORDS % (int)GROUP == 0, "whole groups");

/* What is looked for in the chunk; less takes fewer instructions. */
enum { NUMBERS = 1 << 0, MARKS = 1 << 1 };

/* GROUP words of each set. */
struct sets {
	__m512i host, begin, dot;
	__m512i hex, colon, number, strange; /* where they are looked for */
};

/* What does not change in a chunk, what any of its bytes has, and its line feeds. */
struct look {
	__m512i low, high, first_four, last_four, any, feeds;
};

/* Where from, of what turn() makes of two words, the sets `first` and the three behind it come: both words of a set, then
 * both of the next. */
TARGET ALWAYS_INLINE __m512i four_sets(uint8_t first)
{
	const __m512i in_word = _mm512_set1_epi64(0x3830282018100800);
	const __m512i bytes = _mm512_set_epi64(67, 3, 66, 2, 65, 1, 64, 0);
	__m512i all = _mm512_shuffle_epi8(bytes, _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0));
	return _mm512_add_epi8(_mm512_add_epi8(all, in_word), _mm512_set1_epi8((char)first));
}

TARGET ALWAYS_INLINE struct look begin_look(const struct line_ends_table *t)
{
	return (struct look){
		.low = _mm512_loadu_si512((const void *)t->planes),
		.high = _mm512_loadu_si512((const void *)(t->planes + 64)),
		.first_four = four_sets(0),
		.last_four = four_sets(4),
		.any = _mm512_setzero_si512(),
		.feeds = _mm512_setzero_si512(),
	};
}

/* Of each eight bytes: bit k of all of them becomes byte k, the first byte's its highest. */
TARGET ALWAYS_INLINE __m512i turn(__m512i bytes)
{
	return _mm512_gf2p8affine_epi64_epi8(_mm512_set1_epi64((long long)0x8040201008040201),
	                                     bytes, 0);
}

/* The bits of each byte. */
TARGET ALWAYS_INLINE __m512i reverse(__m512i bytes)
{
	return _mm512_gf2p8affine_epi64_epi8(bytes,
	                                     _mm512_set1_epi64((long long)0x8040201008040201), 0);
}

/* Of four vectors of four parts each: their first parts, their second and so on. */
TARGET ALWAYS_INLINE void transpose(__m512i v[static 4])
{
	__m512i a = _mm512_shuffle_i64x2(v[0], v[1], 0x44);
	__m512i b = _mm512_shuffle_i64x2(v[0], v[1], 0xee);
	__m512i c = _mm512_shuffle_i64x2(v[2], v[3], 0x44);
	__m512i d = _mm512_shuffle_i64x2(v[2], v[3], 0xee);
	v[0] = _mm512_shuffle_i64x2(a, c, 0x88);
	v[1] = _mm512_shuffle_i64x2(a, c, 0xdd);
	v[2] = _mm512_shuffle_i64x2(b, d, 0x88);
	v[3] = _mm512_shuffle_i64x2(b, d, 0xdd);
}

TARGET ALWAYS_INLINE __m512i read_word(struct look *l, const uint8_t *bytes, unsigned with)
{
	__m512i v = _mm512_loadu_si512((const void *)bytes);
	__asm__("" : "+v"(v)); /* loaded once */
	call_ahead(bytes);
	__m512i is = _mm512_permutex2var_epi8(l->low, v, l->high);
	l->any = with & MARKS ? _mm512_or_si512(l->any, v)
	                      : _mm512_ternarylogic_epi32(l->any, v, is, 0xfe);
	return turn(is);
}

/* What is done by a loop is not unrolled everywhere. */
TARGET ALWAYS_INLINE struct sets read_group(struct look *l, const uint8_t *bytes, unsigned with)
{
	const __m512i words[GROUP] = {
		read_word(l, bytes, with),       read_word(l, bytes + 64, with),
		read_word(l, bytes + 128, with), read_word(l, bytes + 192, with),
		read_word(l, bytes + 256, with), read_word(l, bytes + 320, with),
		read_word(l, bytes + 384, with), read_word(l, bytes + 448, with),
	};
	__m512i four[4];
	for (unsigned i = 0; i < 4; i++)
		four[i] = _mm512_permutex2var_epi8(words[2 * i], l->first_four, words[2 * i + 1]);
	transpose(four);
	struct sets ret = {
		.host = reverse(four[0]), .begin = reverse(four[1]), .dot = reverse(four[2])};
	l->feeds = _mm512_add_epi64(l->feeds, _mm512_popcnt_epi64(four[3]));
	if (!with)
		return ret;
	for (unsigned i = 0; i < 4; i++)
		four[i] = _mm512_permutex2var_epi8(words[2 * i], l->last_four, words[2 * i + 1]);
	transpose(four);
	ret.hex = reverse(four[0]);
	ret.colon = reverse(four[1]);
	ret.number = reverse(four[2]);
	ret.strange = reverse(four[3]);
	return ret;
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

/* What goes on from one group to the next, and at last into the chunk's. Of vectors it is the last word. */
struct pass {
	uint32_t *ends, *strange_ends, *numbers, *groups;
	uint64_t name_carry, strange_carry, number_carry;
	__m512i dot, escape, hex, behind_dot, pairs, triples;
};

TARGET ALWAYS_INLINE __m512i all_words(uint64_t word)
{
	return _mm512_set1_epi64((long long)word);
}

TARGET ALWAYS_INLINE uint64_t last_word(__m512i words)
{
	return (uint64_t)_mm_extract_epi64(_mm512_extracti64x2_epi64(words, 3), 1);
}

TARGET ALWAYS_INLINE struct pass begin_pass(struct line_ends *e)
{
	return (struct pass){
		.ends = e->ends,
		.strange_ends = e->strange_ends,
		.numbers = e->numbers,
		.groups = e->groups,
		.name_carry = e->name_carry,
		.strange_carry = e->strange_carry,
		.number_carry = e->number_carry,
		.dot = all_words(e->dot_carry << 63),
		.escape = all_words(e->escape_carry << 63),
		.hex = all_words(e->hex_before),
		.behind_dot = all_words(e->behind_dot_before),
		.pairs = all_words(e->pairs_before),
		.triples = all_words(e->triples_before),
	};
}

TARGET ALWAYS_INLINE void end_pass(const struct pass *p, struct line_ends *e, size_t words)
{
	e->end_count = (uint32_t)(p->ends - e->ends);
	e->strange_end_count = (uint32_t)(p->strange_ends - e->strange_ends);
	e->number_count = (uint32_t)(p->numbers - e->numbers);
	e->group_count = (uint32_t)(p->groups - e->groups);
	e->name_carry = p->name_carry;
	e->strange_carry = p->strange_carry;
	e->number_carry = p->number_carry;
	e->dot_carry = last_word(p->dot) >> 63;
	e->escape_carry = last_word(p->escape) >> 63;
	e->hex_before = last_word(p->hex);
	e->behind_dot_before = last_word(p->behind_dot);
	e->pairs_before = last_word(p->pairs);
	e->triples_before = last_word(p->triples);
	e->words = words;
	e->host[words + 1] = e->dot[words + 1] = 0;
}

/* Of the ends of a group those whose names have an escape before or behind them. */
TARGET ALWAYS_INLINE __m512i strange_ends(struct pass *p, const struct sets *s, __m512i ends)
{
	__m512i begins = _mm512_and_si512(SHIFTED(s->strange, p->escape, 1), s->host);
	__m512i touched = group_ends(s->host, begins, &p->strange_carry);
	return _mm512_and_si512(ends, _mm512_or_si512(touched, s->strange));
}

TARGET ALWAYS_INLINE void put_names(struct pass *p, const struct sets *s, __m512i behind_dot,
                                    __m512i at, unsigned with)
{
	__m512i begins = _mm512_and_si512(s->begin, behind_dot);
	__m512i bits = group_ends(s->host, begins, &p->name_carry);
	if (with & MARKS) {
		__m512i apart = strange_ends(p, s, bits);
		p->strange_ends = put_few(p->strange_ends, apart, at);
		bits = _mm512_andnot_si512(apart, bits);
		p->escape = s->strange;
	}
	p->ends = put_many(p->ends, bits, at);
}

/* Those that have one of a set so many places before, or one more, or two. */
#	define HAS_BEFORE(words, set, before, by)                                         \
		_mm512_and_si512(words,                                                    \
		                 _mm512_ternarylogic_epi64(SHIFTED(set, before, by),       \
		                                           SHIFTED(set, before, (by) + 1), \
		                                           SHIFTED(set, before, (by) + 2), 0xfe))

/* What line_ends_join() does: address_ends(). */
TARGET ALWAYS_INLINE __m512i address_ends(struct pass *p, __m512i ends, __m512i behind_dot)
{
	__m512i pairs = HAS_BEFORE(behind_dot, behind_dot, p->behind_dot, 2);
	__m512i triples = HAS_BEFORE(behind_dot, pairs, p->pairs, 2);
	__m512i is = HAS_BEFORE(ends, triples, p->triples, 1);
	p->behind_dot = behind_dot;
	p->pairs = pairs;
	p->triples = triples;
	return _mm512_or_si512(is, _mm512_and_si512(ends, behind_dot));
}

/* Colons behind four of `hex`. */
TARGET ALWAYS_INLINE __m512i colon_ends(__m512i colons, __m512i hex, __m512i before)
{
	colons = _mm512_and_si512(colons, SHIFTED(hex, before, 1));
	colons = _mm512_and_si512(colons, SHIFTED(hex, before, 2));
	colons = _mm512_and_si512(colons, SHIFTED(hex, before, 3));
	return _mm512_and_si512(colons, SHIFTED(hex, before, 4));
}

TARGET ALWAYS_INLINE void put_numbers(struct pass *p, const struct sets *s, __m512i behind_dot,
                                      __m512i at)
{
	__m512i begins = _mm512_and_si512(s->number, behind_dot);
	__m512i bits = group_ends(s->number, begins, &p->number_carry);
	p->numbers = put_many(p->numbers, address_ends(p, bits, behind_dot), at);
	p->groups = put_few(p->groups, colon_ends(s->colon, s->hex, p->hex), at);
	p->hex = s->hex;
}

TARGET ALWAYS_INLINE void put_strange(struct line_ends *e, size_t w, __m512i strange)
{
	uint64_t some = _mm512_test_epi64_mask(strange, strange);
	_mm512_storeu_si512((void *)(e->strange + 1 + w), strange);
	e->strange_words[w / 64] |= some << (w % 64);
	e->any_strange |= some;
}

static void forget_strange(struct line_ends *e)
{
	memset(e->strange_words, 0, sizeof(e->strange_words));
	e->any_strange = 0;
}

/* The next group is read while this one's sums are waited for. */
TARGET ALWAYS_INLINE bool read_chunk(const struct line_ends_table *t, const uint8_t *bytes,
                                     size_t words, struct line_ends *e, unsigned with)
{
	struct look l = begin_look(t);
	struct pass p = begin_pass(e);
	struct sets next = read_group(&l, bytes, with);
	for (size_t w = 0; w < words; w += GROUP) {
		const struct sets now = next, *s = &now;
		if (w + GROUP < words)
			next = read_group(&l, bytes + 64 * (w + GROUP), with);
		__m512i behind_dot = SHIFTED(s->dot, p.dot, 1), at = group_places(w);
		p.dot = s->dot;
		put_names(&p, s, behind_dot, at, with);
		if (with & NUMBERS)
			put_numbers(&p, s, behind_dot, at);
		if (with & MARKS)
			put_strange(e, w, s->strange);
		if (t->with & LINE_ENDS_SETS) {
			_mm512_storeu_si512((void *)(e->host + 1 + w), s->host);
			_mm512_storeu_si512((void *)(e->dot + 1 + w), s->dot);
		}
	}
	if (_mm512_movepi8_mask(l.any))
		return false;
	e->feeds += (uint64_t)_mm512_reduce_add_epi64(l.feeds);
	e->is_marked = e->any_strange != 0;
	end_pass(&p, e, words);
	return true;
}

TARGET static bool read_calm(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                             struct line_ends *e)
{
	return t->with & LINE_ENDS_NUMBERS ? read_chunk(t, bytes, words, e, NUMBERS)
	                                   : read_chunk(t, bytes, words, e, 0);
}

TARGET static bool read_marked(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                               struct line_ends *e)
{
	return t->with & LINE_ENDS_NUMBERS ? read_chunk(t, bytes, words, e, NUMBERS | MARKS)
	                                   : read_chunk(t, bytes, words, e, MARKS);
}

/* A log that has escapes has them nearly everywhere. Of a chunk this reads what is read first, or nothing. */
TARGET bool line_ends_read_ascii(const struct line_ends_table *t, const uint8_t *bytes,
                                 size_t words, struct line_ends *e)
{
	bool is_whole = words && words % GROUP == 0 && e->words == 0;
	if (!is_whole || e->is_wild || t->with & (LINE_ENDS_NO_DOT | LINE_ENDS_COUNTED))
		return false;
	if (!e->is_marked && !e->escape_carry && !e->strange_carry && read_calm(t, bytes, words, e))
		return true;
	bool is_read = read_marked(t, bytes, words, e);
	if (!is_read)
		forget_strange(e);
	return is_read;
}

#endif
