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
	__m512i labels[2];      /* in_label[] */
	__m512i short_words[2]; /* of the set */
	__m512i multiplier[2], word_count;
};

/* What is to be asked of some groups once their words are there. */
struct hashes {
	__m512i of[GROUPS], of_short[GROUPS];
	uint64_t word[GROUPS][LINE_GATHER];
	uint8_t short_may[GROUPS], is_sure[GROUPS];
};

LINE_WIDE ALWAYS_INLINE __m128i stops_of(const struct look *l, __m512i bytes)
{
	const __m512i top = _mm512_set1_epi8((char)0x80);
	__m512i is = _mm512_permutex2var_epi8(l->labels[0], bytes, l->labels[1]);
	is = _mm512_ternarylogic_epi64(is, bytes, top, 0xf8); /* is | (bytes & top) */
	return _mm_cvtsi64_si128((long long)_mm512_testn_epi8_mask(is, is));
}

/* `ends` count from `from`. */
LINE_WIDE ALWAYS_INLINE struct group read_group(const struct look *l, const uint8_t *from,
                                                const uint32_t *ends)
{
	const __m512i lower = _mm512_set1_epi8(' ');
	const __m512i evens = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
	const __m512i odds = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
	__m512i a = line_load_four_long(from - NAME_END_SIZE, ends),
		b = line_load_four_long(from - NAME_END_SIZE, ends + 4);
	__m128i stops = _mm_unpacklo_epi64(stops_of(l, a), stops_of(l, b));
	a = _mm512_or_si512(a, lower);
	b = _mm512_or_si512(b, lower);
	return (struct group){
		.last = _mm512_permutex2var_epi64(a, odds, b),
		.before = _mm512_permutex2var_epi64(a, evens, b),
		.stops = _mm512_slli_epi64(_mm512_cvtepu16_epi64(stops), 64 - NAME_END_SIZE),
	};
}

/* Takes from each the bits up to its first and that, and adds how many these were. */
LINE_WIDE ALWAYS_INLINE __m512i skip_label(__m512i *stops, __m512i size)
{
	const __m512i one = _mm512_set1_epi64(1);
	__m512i label = _mm512_lzcnt_epi64(*stops), with_dot = _mm512_add_epi64(label, one);
	*stops = _mm512_sllv_epi64(*stops, with_dot);
	return _mm512_add_epi64(size, with_dot);
}

/* Of eight bytes the last, as many as remain of `size`, all of which are `size_max`; of less than none, none. */
LINE_WIDE ALWAYS_INLINE __m512i last_of(__m512i bytes, __m512i size, int size_max)
{
	__m512i bits =
		_mm512_subs_epu16(_mm512_set1_epi64(8 * size_max), _mm512_slli_epi64(size, 3));
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

/* name_stems_may_have_short(), of those that are in `may`; nearly none is. */
LINE_WIDE static unsigned shorts_of(const struct name_stems *set, __m512i hash, __mmask8 may)
{
	const __m512i one = _mm512_set1_epi64(1);
	__m512i at = _mm512_srli_epi64(hash, 64 - NAME_STEMS_SHORTS_LOG);
	__m512i words = line_load_words(set->shorts, _mm512_srli_epi64(at, 6));
	__m512i bit = _mm512_srlv_epi64(words, _mm512_and_si512(at, _mm512_set1_epi64(63)));
	return _mm512_mask_test_epi64_mask(may, bit, one);
}

/* Which of the short ones may be listed themselves, by the words that are not empty, which are asked for in registers; and
 * the hashes of their names for shorts_of(). */
LINE_WIDE ALWAYS_INLINE unsigned find_shorts(const struct look *l, const struct group *g,
                                             __m512i two, __mmask8 is_short, __m512i *ret_hash)
{
	const __m512i one = _mm512_set1_epi64(1);
	__m512i bits = _mm512_sub_epi64(_mm512_set1_epi64(64), _mm512_slli_epi64(two, 3));
	__m512i name = _mm512_srlv_epi64(g->last, bits);
	__m512i hash = _mm512_mullo_epi64(name, l->multiplier[0]);
	__m512i word = _mm512_srli_epi64(hash, 64 - NAME_STEMS_SHORTS_LOG + 6);
	__m512i byte = _mm512_permutex2var_epi8(l->short_words[0], _mm512_srli_epi64(word, 3),
	                                        l->short_words[1]);
	__m512i bit = _mm512_srlv_epi64(byte, _mm512_and_si512(word, _mm512_set1_epi64(7)));
	__mmask8 may = _mm512_mask_test_epi64_mask(is_short, bit, one);
	*ret_hash = hash;
	return may;
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
	_mm512_storeu_si512((void *)ret->word[i], word);
	line_call_words(l->set->words, ret->word[i]);
	ret->of[i] = hash;
	ret->short_may[i] =
		(uint8_t)find_shorts(l, g, _mm512_sub_epi64(two, one), is_short, &ret->of_short[i]);
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

/* name_stems_may_have(), but for the further bits. */
LINE_WIDE ALWAYS_INLINE unsigned may_have(const struct name_stems *set, __m512i hash,
                                          const uint64_t word[static LINE_GATHER])
{
	const __m512i all = _mm512_set1_epi64(0x0101010100);
	__m512i words = line_load_words_at(set->words, word);
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
		.labels = {_mm512_loadu_si512((const void *)in_label),
	                   _mm512_loadu_si512((const void *)(in_label + 64))},
		.short_words = {_mm512_loadu_si512((const void *)set->short_words),
	                        _mm512_loadu_si512((const void *)(set->short_words + 64))},
		.multiplier = {_mm512_set1_epi64((long long)set->multiplier[0]),
	                       _mm512_set1_epi64((long long)set->multiplier[1])},
		.word_count = _mm512_set1_epi64(set->word_count),
	};
}

/* What is left of group `i`. Few have anything. */
LINE_WIDE static __attribute__((noinline)) uint32_t keep(const struct line_stems *s,
                                                         const struct hashes *h, uint32_t i,
                                                         unsigned may, const uint32_t *from,
                                                         uint32_t left, uint32_t *to)
{
	const uint8_t *chunk = s->run.bytes + s->chunk;
	unsigned sure = h->is_sure[i], shorts = shorts_of(s->set, h->of_short[i], h->short_may[i]);
	uint64_t hashes[LINE_GATHER];
	uint32_t kept = 0;
	memcpy(hashes, &h->of[i], sizeof(hashes));
	for (uint32_t k = 0; k < LINE_GATHER && k < left; k++) {
		bool is_left = sure >> k & 1;
		is_left |= may >> k & 1 && name_stems_may_have_more(s->set, hashes[k]);
		is_left |= shorts >> k & 1 &&
		           line_stems_has_short(s->set, s->run.bytes, chunk + from[k]);
		if (is_left)
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
		unsigned may = may_have(s->set, h->of[i], h->word[i]);
		*sure += (uint32_t)__builtin_popcount(h->is_sure[i]);
		if (__builtin_expect(may | h->is_sure[i] | h->short_may[i], 0))
			kept += keep(s, h, i, may, from + at, count - at, to + kept);
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
