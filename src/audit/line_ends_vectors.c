/* line_ends_vectors.c - the sets of line_ends.h by the halves of each byte, for processors of any age. */
#include "audit/line_ends_private.h"

#if defined(__x86_64__)

#	include <immintrin.h>

#	define SSSE3  __attribute__((target("ssse3")))
#	define AVX2   __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#	define AVX512 __attribute__((target("avx512f,avx512bw,avx2,bmi,bmi2,lzcnt,popcnt")))

/* So many words are read at once. */
enum { GROUP = 8 };
_Static_assert((int)GROUP * 4 < 256, "a byte counts the feeds of a column");

/* What is told apart beside what always is; less takes fewer instructions. */
enum { NUMBERS = 1 << 0, ESCAPES = 1 << 1, HIGH = 1 << 2, ALL = NUMBERS | ESCAPES | HIGH };

/* What is where in 64 bytes. `letter` has no dots, `host` has them. */
struct word {
	uint64_t host, letter, high, dot, escape, hex, colon;
};

ALWAYS_INLINE void put(struct line_ends *e, size_t w, struct word is, unsigned has)
{
	e->host[w] = is.host | is.high;
	e->letter[w] = is.letter | is.high;
	e->dot[w] = is.dot;
	e->high[w] = is.high;
	e->strange[w] = is.high | is.escape;
	e->any_strange |= is.high | is.escape;
	if (has & NUMBERS) {
		e->hex[w] = is.hex;
		e->colon[w] = is.colon;
	}
}

/* A group of `words` words, the first of which is `from`. False: there is what is not told apart, and none of them counts. */
typedef bool group_function(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                            struct line_ends *e, size_t from, unsigned has);

/* In vectors of `step` bytes: what those of both widths share. */
#	define READ_VECTORS(vector, step, row, loadu, set1, zero, shuffle, srli, slli, and, or, \
	                     max, sub, sad, equal, movemask, mask_type, sum)                     \
		const vector low = row((const void *)t->low), high = row((const void *)t->high); \
		vector feeds = zero(), rare = zero();                                            \
		for (size_t w = from; w < from + words; w++, bytes += 64) {                      \
			struct word r = {0};                                                     \
			call_ahead(bytes);                                                       \
			for (unsigned i = 0; i < 64; i += step) {                                \
				vector v = loadu((const void *)(bytes + i));                     \
				vector half = and(srli(v, 4), set1(15));                         \
				vector is = and(shuffle(low, v), shuffle(high, half));           \
				vector host = equal(max(is, set1(IS_HOST_FROM)), is);            \
				vector letter = or (is, slli(is, 1)), dot = slli(is, 2);         \
				vector escape = or (slli(is, 7), slli(is, 6));                   \
				feeds = sub(feeds, equal(v, set1('\n')));                        \
				r.host |= (uint64_t)(mask_type)movemask(host) << i;              \
				r.letter |= (uint64_t)(mask_type)movemask(letter) << i;          \
				r.dot |= (uint64_t)(mask_type)movemask(dot) << i;                \
				if (has & HIGH)                                                  \
					r.high |= (uint64_t)(mask_type)movemask(v) << i;         \
				else                                                             \
					rare = or (rare, v);                                     \
				if (has & ESCAPES)                                               \
					r.escape |= (uint64_t)(mask_type)movemask(escape) << i;  \
				else                                                             \
					rare = or (rare, escape);                                \
				if (has & NUMBERS) {                                             \
					vector hex = or (is, slli(is, 3)),                       \
					       colon = equal(v, set1(':'));                      \
					r.hex |= (uint64_t)(mask_type)movemask(hex) << i;        \
					r.colon |= (uint64_t)(mask_type)movemask(colon) << i;    \
				}                                                                \
			}                                                                        \
			put(e, w, r, has);                                                       \
		}                                                                                \
		if (movemask(rare))                                                              \
			return false;                                                            \
		e->feeds += sum(sad(feeds, zero()));                                             \
		return true

SSSE3 ALWAYS_INLINE uint64_t ssse3_sum(__m128i v)
{
	return (uint64_t)_mm_cvtsi128_si64(v) +
	       (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(v, v));
}

SSSE3 ALWAYS_INLINE bool ssse3_group(const struct line_ends_table *t, const uint8_t *bytes,
                                     size_t words, struct line_ends *e, size_t from, unsigned has)
{
	READ_VECTORS(__m128i, 16, _mm_loadu_si128, _mm_loadu_si128, _mm_set1_epi8,
	             _mm_setzero_si128, _mm_shuffle_epi8, _mm_srli_epi16, _mm_slli_epi16,
	             _mm_and_si128, _mm_or_si128, _mm_max_epu8, _mm_sub_epi8, _mm_sad_epu8,
	             _mm_cmpeq_epi8, _mm_movemask_epi8, uint16_t, ssse3_sum);
}

#	define ROW32(at) _mm256_broadcastsi128_si256(_mm_loadu_si128(at))

AVX2 ALWAYS_INLINE uint64_t avx2_sum(__m256i v)
{
	return ssse3_sum(_mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
}

AVX2 ALWAYS_INLINE bool avx2_group(const struct line_ends_table *t, const uint8_t *bytes,
                                   size_t words, struct line_ends *e, size_t from, unsigned has)
{
	READ_VECTORS(__m256i, 32, ROW32, _mm256_loadu_si256, _mm256_set1_epi8, _mm256_setzero_si256,
	             _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_slli_epi16, _mm256_and_si256,
	             _mm256_or_si256, _mm256_max_epu8, _mm256_sub_epi8, _mm256_sad_epu8,
	             _mm256_cmpeq_epi8, _mm256_movemask_epi8, uint32_t, avx2_sum);
}

/* A mask register is a word. */
AVX512 ALWAYS_INLINE bool avx512_group(const struct line_ends_table *t, const uint8_t *bytes,
                                       size_t words, struct line_ends *e, size_t from, unsigned has)
{
	const __m512i low = _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)t->low));
	const __m512i high = _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)t->high));
	const __m512i nibble = _mm512_set1_epi8(15), feed = _mm512_set1_epi8('\n');
	const __m512i letter = _mm512_set1_epi8((char)(IS_EARLY_LETTER | IS_LATE_LETTER));
	const __m512i hex = _mm512_set1_epi8((char)(IS_EARLY_LETTER | IS_DIGIT));
	for (size_t w = from; w < from + words; w++, bytes += 64) {
		call_ahead(bytes);
		__m512i v = _mm512_loadu_si512((const void *)bytes);
		__m512i half = _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble);
		__m512i is = _mm512_and_si512(_mm512_shuffle_epi8(low, v),
		                              _mm512_shuffle_epi8(high, half));
		const struct word r = {
			.high = _mm512_movepi8_mask(v),
			.host = _mm512_test_epi8_mask(is, _mm512_set1_epi8((char)~IS_ESCAPE)),
			.letter = _mm512_test_epi8_mask(is, letter),
			.dot = _mm512_test_epi8_mask(is, _mm512_set1_epi8(IS_DOT)),
			.escape = _mm512_test_epi8_mask(is, _mm512_set1_epi8(IS_ESCAPE)),
			.hex = _mm512_test_epi8_mask(is, hex),
			.colon = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(':')),
		};
		e->feeds += (uint64_t)__builtin_popcountll(_mm512_cmpeq_epi8_mask(v, feed));
		put(e, w, r, has);
	}
	return true;
}

/* What most groups are like is compiled for itself: a log that marks escapes has them nearly everywhere, another nearly
 * nowhere. */
ALWAYS_INLINE void read_words(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                              struct line_ends *e, group_function *read)
{
	const bool has_numbers = t->with & LINE_ENDS_NUMBERS;
	const bool has_escapes = t->with & (LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH);
	for (size_t i = 0; i < words; i += GROUP, bytes += GROUP * 64) {
		size_t count = words - i < GROUP ? words - i : GROUP, from = e->words + 1 + i;
		bool is_read;
		if (has_numbers && has_escapes)
			is_read = read(t, bytes, count, e, from, NUMBERS | ESCAPES);
		else if (has_numbers)
			is_read = read(t, bytes, count, e, from, NUMBERS);
		else if (has_escapes)
			is_read = read(t, bytes, count, e, from, ESCAPES);
		else
			is_read = read(t, bytes, count, e, from, 0);
		if (__builtin_expect(!is_read, 0))
			(void)read(t, bytes, count, e, from, ALL);
	}
}

SSSE3 void line_ends_read_ssse3(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                                struct line_ends *e)
{
	read_words(t, bytes, words, e, ssse3_group);
	line_ends_join(e, words, t->with);
}

AVX2 void line_ends_read_avx2(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                              struct line_ends *e)
{
	read_words(t, bytes, words, e, avx2_group);
	line_ends_join_fast(e, words, t->with);
}

AVX512 void line_ends_read_avx512(const struct line_ends_table *t, const uint8_t *bytes,
                                  size_t words, struct line_ends *e)
{
	read_words(t, bytes, words, e, avx512_group);
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
