/* line_ends_calm.c - the sets of a few words of text that is ASCII, as nearly all: of such text, and for what is asked of most
 * logs, they take half the instructions that line_ends_vectors.c needs. */
#include "audit/line_ends_private.h"

#if defined(__x86_64__)

#	include <immintrin.h>

#	define SSSE3 __attribute__((target("ssse3")))
#	define AVX2  __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))

_Static_assert((int)LINE_ENDS_GROUP * 4 < 256, "a byte counts the feeds of a column");

/* What is told apart. Without ESCAPES one only sets bits in `rare`, and then the sets count for nothing. */
enum { NUMBERS = 1 << 0, ESCAPES = 1 << 1 };

ALWAYS_INLINE void put(struct line_ends *e, size_t w, struct line_ends_word is, unsigned has)
{
	e->host[w] = is.host;
	e->letter[w] = is.letter;
	e->dot[w] = is.dot;
	e->high[w] = 0;
	e->strange[w] = has & ESCAPES ? is.escape : 0;
	if (has & ESCAPES)
		e->any_strange |= is.escape;
	if (has & NUMBERS) {
		e->hex[w] = is.hex;
		e->colon[w] = is.colon;
	}
}

/* In vectors of `step` bytes. */
#	define READ_CALM(vector, step, row, loadu, set1, zero, shuffle, srli, slli, and, or, max, \
	                  sub, sad, equal, movemask, mask_type, sum)                               \
		const vector low = row((const void *)t->low), high = row((const void *)t->high);   \
		vector feeds = zero(), tops = zero(), rare = zero();                               \
		for (size_t w = from; w < from + words; w++, bytes += 64) {                        \
			struct line_ends_word r = {0};                                             \
			call_ahead(bytes);                                                         \
			for (unsigned i = 0; i < 64; i += step) {                                  \
				vector v = loadu((const void *)(bytes + i));                       \
				vector half = and(srli(v, 4), set1(15));                           \
				vector is = and(shuffle(low, v), shuffle(high, half));             \
				vector host = equal(max(is, set1(IS_HOST_FROM)), is);              \
				vector escape = or (slli(is, 7), slli(is, 6));                     \
				tops = or (tops, v);                                               \
				feeds = sub(feeds, equal(v, set1('\n')));                          \
				r.host |= (uint64_t)(mask_type)movemask(host) << i;                \
				r.letter |= (uint64_t)(mask_type)movemask(or (is, slli(is, 1)))    \
				            << i;                                                  \
				r.dot |= (uint64_t)(mask_type)movemask(slli(is, 2)) << i;          \
				if (has & ESCAPES)                                                 \
					r.escape |= (uint64_t)(mask_type)movemask(escape) << i;    \
				else                                                               \
					rare = or (rare, escape);                                  \
				if (has & NUMBERS) {                                               \
					vector hex = or (is, slli(is, 3)),                         \
					       colon = equal(v, set1(':'));                        \
					r.hex |= (uint64_t)(mask_type)movemask(hex) << i;          \
					r.colon |= (uint64_t)(mask_type)movemask(colon) << i;      \
				}                                                                  \
			}                                                                          \
			put(e, w, r, has);                                                         \
		}                                                                                  \
		if (movemask(or (tops, rare)))                                                     \
			return false;                                                              \
		e->feeds += sum(sad(feeds, zero()));                                               \
		return true

SSSE3 ALWAYS_INLINE uint64_t ssse3_sum(__m128i v)
{
	return (uint64_t)_mm_cvtsi128_si64(v) +
	       (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(v, v));
}

SSSE3 ALWAYS_INLINE bool ssse3_read(const struct line_ends_table *t, const uint8_t *bytes,
                                    size_t words, struct line_ends *e, size_t from, unsigned has)
{
	READ_CALM(__m128i, 16, _mm_loadu_si128, _mm_loadu_si128, _mm_set1_epi8, _mm_setzero_si128,
	          _mm_shuffle_epi8, _mm_srli_epi16, _mm_slli_epi16, _mm_and_si128, _mm_or_si128,
	          _mm_max_epu8, _mm_sub_epi8, _mm_sad_epu8, _mm_cmpeq_epi8, _mm_movemask_epi8,
	          uint16_t, ssse3_sum);
}

#	define ROW32(at) _mm256_broadcastsi128_si256(_mm_loadu_si128(at))

AVX2 ALWAYS_INLINE uint64_t avx2_sum(__m256i v)
{
	__m128i both = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
	return (uint64_t)_mm_cvtsi128_si64(both) + (uint64_t)_mm_extract_epi64(both, 1);
}

AVX2 ALWAYS_INLINE bool avx2_read(const struct line_ends_table *t, const uint8_t *bytes,
                                  size_t words, struct line_ends *e, size_t from, unsigned has)
{
	READ_CALM(__m256i, 32, ROW32, _mm256_loadu_si256, _mm256_set1_epi8, _mm256_setzero_si256,
	          _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_slli_epi16, _mm256_and_si256,
	          _mm256_or_si256, _mm256_max_epu8, _mm256_sub_epi8, _mm256_sad_epu8,
	          _mm256_cmpeq_epi8, _mm256_movemask_epi8, uint32_t, avx2_sum);
}

/* Each is compiled for itself. A log whose escapes are told has them nearly everywhere. */
#	define READ(read)                                                                 \
		const unsigned escapes = LINE_ENDS_PERCENT | LINE_ENDS_BACKSLASH;          \
		if (t->with & LINE_ENDS_NUMBERS)                                           \
			return t->with & escapes                                           \
			               ? read(t, bytes, words, e, from, NUMBERS | ESCAPES) \
			               : read(t, bytes, words, e, from, NUMBERS);          \
		return t->with & escapes ? read(t, bytes, words, e, from, ESCAPES)         \
		                         : read(t, bytes, words, e, from, 0)

SSSE3 bool line_ends_calm_ssse3(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                                struct line_ends *e, size_t from)
{
	READ(ssse3_read);
}

AVX2 bool line_ends_calm_avx2(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                              struct line_ends *e, size_t from)
{
	READ(avx2_read);
}

#endif
