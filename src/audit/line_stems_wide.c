/* line_stems_wide.c - labels are found in the sixteen bytes before an end, of eight ends at a time. */
#include "audit/line_stems.h"

#if defined(__x86_64__)

#	include "audit/line_ends.h"
#	include "audit/line_gather.h"

enum { GROUPS = 16, ENDS = GROUPS * LINE_GATHER };

/* What labels are made of, as far as it is ASCII. */
static const uint8_t in_label[128] = {
	['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['-'] = 1, ['_'] = 1,
};

/* What a group has before its ends. */
struct group {
	__m512i last, before; /* eight bytes, and the eight before them, in lower case */
	__m512i stops;        /* from the top: where one is no part of a label */
};

struct look {
	const struct name_stems *set;
	const uint8_t *chunk;
	bool is_first, has_dots;
	__m512i low, high;
	__m512i multiplier[2], word_count;
};

/* What is to be asked of some groups once their words are there. */
struct hashes {
	__m512i of[GROUPS], word[GROUPS];
	uint8_t short_may[GROUPS], is_sure[GROUPS];
};

LINE_WIDE ALWAYS_INLINE __m512i stops_of(const struct look *l, __m512i bytes)
{
	__m512i is = _mm512_permutex2var_epi8(l->low, bytes, l->high);
	__mmask64 stops = _mm512_testn_epi8_mask(is, is) & ~_mm512_movepi8_mask(bytes);
	return _mm512_cvtepu8_epi64(_mm_cvtsi64_si128((long long)stops));
}

/* `ends` count from `from`. */
LINE_WIDE ALWAYS_INLINE struct group read_group(const struct look *l, const uint8_t *from,
                                                const uint32_t *ends)
{
	const __m512i lower = _mm512_set1_epi8(' ');
	__m512i last = line_load_at(from - 8, ends), before = line_load_at(from - 16, ends);
	__m512i stops = _mm512_or_si512(_mm512_slli_epi64(stops_of(l, last), 56),
	                                _mm512_slli_epi64(stops_of(l, before), 48));
	return (struct group){_mm512_or_si512(last, lower), _mm512_or_si512(before, lower), stops};
}

/* Takes from each the bits up to its first and that, and adds how many these were. */
LINE_WIDE ALWAYS_INLINE __m512i skip_label(__m512i *stops, __m512i size)
{
	const __m512i one = _mm512_set1_epi64(1);
	__m512i label = _mm512_lzcnt_epi64(*stops), with_dot = _mm512_add_epi64(label, one);
	*stops = _mm512_sllv_epi64(*stops, with_dot);
	return _mm512_add_epi64(size, with_dot);
}

/* Of eight bytes the last, as many as remain of `size`; of less than none, none. */
LINE_WIDE ALWAYS_INLINE __m512i last_of(__m512i bytes, __m512i size, int size_max)
{
	__m512i left = _mm512_sub_epi64(_mm512_set1_epi64(size_max), size);
	__m512i bits = _mm512_slli_epi64(_mm512_max_epi64(left, _mm512_setzero_si512()), 3);
	return _mm512_and_si512(bytes, _mm512_sllv_epi64(_mm512_set1_epi64(-1), bits));
}

/* name_stem_hash() */
LINE_WIDE ALWAYS_INLINE __m512i hash_of(const struct look *l, const struct group *g, __m512i size)
{
	__m512i last = last_of(g->last, size, 8), before = last_of(g->before, size, 16);
	__m512i hash = _mm512_add_epi64(_mm512_mullo_epi64(before, l->multiplier[0]),
	                                _mm512_mullo_epi64(last, l->multiplier[1]));
	hash = _mm512_xor_si512(hash, _mm512_srli_epi64(hash, 32));
	return _mm512_mullo_epi64(hash, l->multiplier[0]);
}

/* name_stems_may_have_short() */
LINE_WIDE ALWAYS_INLINE unsigned short_may_of(const struct look *l, const struct group *g,
                                              __m512i two, __mmask8 is_short)
{
	const __m512i one = _mm512_set1_epi64(1);
	__m512i bits = _mm512_sub_epi64(_mm512_set1_epi64(64), _mm512_slli_epi64(two, 3));
	__m512i name = _mm512_srlv_epi64(g->last, bits);
	__m512i at = _mm512_srli_epi64(_mm512_mullo_epi64(name, l->multiplier[0]),
	                               64 - NAME_STEMS_SHORTS_LOG);
	__m512i words = line_load_words(l->set->shorts, _mm512_srli_epi64(at, 6));
	__m512i bit = _mm512_srlv_epi64(words, _mm512_and_si512(at, _mm512_set1_epi64(63)));
	return _mm512_mask_test_epi64_mask(is_short, bit, one);
}

/* Calls for the words of a group. */
LINE_WIDE ALWAYS_INLINE void hash_group(const struct look *l, const struct group *g, size_t i,
                                        struct hashes *ret)
{
	__m512i stops = g->stops, one = _mm512_set1_epi64(1);
	__m512i last = skip_label(&stops, _mm512_setzero_si512()), two = skip_label(&stops, last),
		three = skip_label(&stops, two);
	__mmask8 is_short =
		_mm512_cmple_epi64_mask(two, _mm512_set1_epi64(NAME_STEM_SHORT_MAX + 1));
	__m512i size = _mm512_sub_epi64(_mm512_mask_mov_epi64(two, is_short, three), one);
	__m512i hash = hash_of(l, g, size), top = _mm512_srli_epi64(hash, 32);
	__m512i word = _mm512_srli_epi64(_mm512_mul_epu32(top, l->word_count), 32);
	uint64_t at[LINE_GATHER];
	_mm512_storeu_si512((void *)at, word);
	for (unsigned k = 0; k < LINE_GATHER; k++)
		__builtin_prefetch(l->set->words + at[k]);
	ret->of[i] = hash;
	ret->word[i] = word;
	ret->short_may[i] = (uint8_t)short_may_of(l, g, _mm512_sub_epi64(two, one), is_short);
	ret->is_sure[i] = _mm512_movepi64_mask(g->stops);
}

/* Without the dot behind a name, and counted from one byte before the chunk: the dot may be there. What has too little
 * before it is only looked at again. */
ALWAYS_INLINE unsigned place_group(const struct look *l, const uint32_t *ends,
                                   uint32_t ret[static LINE_GATHER])
{
	unsigned is_early = 0;
	for (unsigned k = 0; k < LINE_GATHER; k++) {
		uint32_t end = ends[k];
		if (l->is_first && end <= NAME_END_SIZE) {
			is_early |= 1u << k;
			end = NAME_END_SIZE + 1;
		}
		bool is_dotted = l->has_dots && l->chunk[(ptrdiff_t)end - 1] == '.';
		ret[k] = end + 1 - is_dotted;
	}
	return is_early;
}

LINE_WIDE ALWAYS_INLINE void first_pass(const struct look *l, const uint32_t *ends, size_t groups,
                                        struct hashes *ret)
{
	for (size_t i = 0; i < groups; i++, ends += LINE_GATHER) {
		uint32_t placed[LINE_GATHER];
		bool is_placed = l->is_first || l->has_dots;
		unsigned is_early = is_placed ? place_group(l, ends, placed) : 0;
		struct group g = is_placed ? read_group(l, l->chunk - 1, placed)
		                           : read_group(l, l->chunk, ends);
		hash_group(l, &g, i, ret);
		ret->is_sure[i] |= (uint8_t)is_early;
	}
}

LINE_WIDE static void first_pass_plain(const struct look *l, const uint32_t *ends, size_t groups,
                                       struct hashes *ret)
{
	struct look look = *l;
	look.is_first = look.has_dots = false;
	first_pass(&look, ends, groups, ret);
}

LINE_WIDE static void first_pass_placed(const struct look *l, const uint32_t *ends, size_t groups,
                                        struct hashes *ret)
{
	first_pass(l, ends, groups, ret);
}

/* name_stems_may_have() */
LINE_WIDE ALWAYS_INLINE unsigned may_have(const struct name_stems *set, __m512i hash, __m512i word)
{
	const __m512i all = _mm512_set1_epi64(0x0101010100);
	__m512i words = line_load_words(set->words, word);
	__m512i bits = _mm512_and_si512(_mm512_multishift_epi64_epi8(hash, words), all);
	return _mm512_cmpeq_epi64_mask(bits, all);
}

LINE_WIDE static struct look begin_look(const struct line_stems *s)
{
	const struct name_stems *set = s->set;
	return (struct look){
		.set = set,
		.chunk = s->run.bytes + s->chunk,
		.is_first = s->chunk == 0,
		.has_dots = s->has_dots,
		.low = _mm512_loadu_si512((const void *)in_label),
		.high = _mm512_loadu_si512((const void *)(in_label + 64)),
		.multiplier = {_mm512_set1_epi64((long long)set->multiplier[0]),
	                       _mm512_set1_epi64((long long)set->multiplier[1])},
		.word_count = _mm512_set1_epi64(set->word_count),
	};
}

/* What is left of a group. Few have anything. */
static uint32_t keep(const struct line_stems *s, unsigned sure, unsigned short_may,
                     const uint32_t *from, uint32_t left, uint32_t *to)
{
	const uint8_t *chunk = s->run.bytes + s->chunk;
	uint32_t kept = 0;
	for (uint32_t k = 0; k < LINE_GATHER && k < left; k++) {
		if (sure >> k & 1 || (short_may >> k & 1 &&
		                      line_stems_has_short(s->set, s->run.bytes, chunk + from[k])))
			to[kept++] = from[k];
	}
	return kept;
}

LINE_WIDE static uint32_t second_pass(const struct line_stems *s, const struct hashes *h,
                                      const uint32_t *from, uint32_t count, uint32_t *to,
                                      uint32_t *sure)
{
	uint32_t kept = 0;
	for (uint32_t at = 0, i = 0; at < count; at += LINE_GATHER, i++) {
		unsigned may = may_have(s->set, h->of[i], h->word[i]) | h->is_sure[i];
		*sure += (uint32_t)__builtin_popcount(h->is_sure[i]);
		if (__builtin_expect(may | h->short_may[i], 0))
			kept += keep(s, may, h->short_may[i], from + at, count - at, to + kept);
	}
	return kept;
}

LINE_WIDE uint32_t line_stems_wide(const struct line_stems *s, uint32_t *ends, uint32_t count,
                                   uint32_t *ret_sure)
{
	const struct look l = begin_look(s);
	struct hashes h;
	uint32_t kept = 0;
	*ret_sure = 0;
	if (s->run.size <= NAME_END_SIZE)
		return count; /* too little to read before any */
	for (uint32_t i = 0; i < LINE_GATHER; i++)
		ends[count + i] = ends[0];
	for (uint32_t from = 0; from < count; from += ENDS) {
		uint32_t size = count - from < ENDS ? count - from : ENDS;
		size_t groups = (size + LINE_GATHER - 1) / LINE_GATHER;
		if (l.is_first || l.has_dots)
			first_pass_placed(&l, ends + from, groups, &h);
		else
			first_pass_plain(&l, ends + from, groups, &h);
		kept += second_pass(s, &h, ends + from, size, ends + kept, ret_sure);
	}
	return kept;
}

#else

uint32_t line_stems_wide(const struct line_stems *s, uint32_t *ends, uint32_t count,
                         uint32_t *ret_sure)
{
	(void)s, (void)ends;
	*ret_sure = 0;
	return count;
}

#endif
