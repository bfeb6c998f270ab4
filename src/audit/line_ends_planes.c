/* line_ends_planes.c - the sets of line_ends.h by one look-up a byte. */
#include "audit/line_ends_private.h"

#if defined(__x86_64__)

#	include <immintrin.h>

#	define TARGET \
		__attribute__((target("avx512vbmi,avx512f,avx512bw,avx2,bmi,bmi2,lzcnt,popcnt")))

enum { GROUP = 8, FEED_WORDS_MAX = 255 };

#	define IN(is, plane) _mm512_test_epi8_mask(is, _mm512_set1_epi8((char)(plane)))

/* A word that may have what is no ASCII, or escapes: the look-up took seven bits of a byte. */
TARGET static void read_strange(const struct line_ends_table *t, const uint8_t *bytes,
                                struct line_ends *e, size_t w)
{
	const __m512i low = _mm512_loadu_si512((const void *)t->planes);
	const __m512i high = _mm512_loadu_si512((const void *)(t->planes + 64));
	__m512i v = _mm512_loadu_si512((const void *)bytes);
	uint64_t top = _mm512_movepi8_mask(v);
	__m512i is = _mm512_permutex2var_epi8(low, v, high);
	e->strange[w] = IN(is, PLANE_STRANGE) | top;
	e->high[w] = top;
	e->host[w] |= top;
	e->letter[w] |= top;
	e->dot[w] &= ~top;
	e->hex[w] &= ~top;
	e->colon[w] &= ~top;
}

/* Up to GROUP words; adds line feeds to the bytes of *feeds. */
TARGET ALWAYS_INLINE void read_group(const struct line_ends_table *t, const uint8_t *bytes,
                                     size_t words, struct line_ends *e, size_t from, unsigned with,
                                     __m512i *feeds)
{
	const __m512i low = _mm512_loadu_si512((const void *)t->planes);
	const __m512i high = _mm512_loadu_si512((const void *)(t->planes + 64));
	const __m512i one = _mm512_set1_epi8(1), feed = _mm512_set1_epi8('\n');
	__m512i planes = _mm512_setzero_si512(), tops = planes, count = *feeds;
	for (size_t w = from; w < from + words; w++, bytes += 64) {
		__m512i v = _mm512_loadu_si512((const void *)bytes);
		call_ahead(bytes);
		__m512i is = _mm512_permutex2var_epi8(low, v, high);
		e->host[w] = IN(is, PLANE_HOST);
		e->letter[w] = e->host[w] & ~IN(is, PLANE_NUMBER);
		e->dot[w] = IN(is, PLANE_DOT);
		if (with & LINE_ENDS_NUMBERS) {
			e->hex[w] = IN(is, PLANE_HEX);
			e->colon[w] = IN(is, PLANE_COLON);
		}
		e->strange[w] = e->high[w] = 0;
		count = _mm512_mask_add_epi8(count, _mm512_cmpeq_epi8_mask(v, feed), count, one);
		tops = _mm512_or_si512(tops, v);
		planes = _mm512_or_si512(planes, is);
	}
	*feeds = count;
	uint64_t any = _mm512_movepi8_mask(tops) | IN(planes, PLANE_STRANGE);
	e->is_wild |= _mm512_movepi8_mask(tops) != 0;
	e->any_strange |= any;
	bytes -= words * 64;
	for (size_t w = from; __builtin_expect(any != 0, 0) && w < from + words; w++, bytes += 64)
		read_strange(t, bytes, e, w);
}

TARGET ALWAYS_INLINE uint64_t sum_feeds(__m512i feeds)
{
	feeds = _mm512_sad_epu8(feeds, _mm512_setzero_si512());
	return (uint64_t)_mm512_reduce_add_epi64(feeds);
}

TARGET ALWAYS_INLINE void read_words(const struct line_ends_table *t, const uint8_t *bytes,
                                     size_t words, struct line_ends *e, unsigned with)
{
	_Static_assert((int)LINE_ENDS_WORDS <= (int)FEED_WORDS_MAX,
	               "a byte counts the feeds of a column");
	__m512i feeds = _mm512_setzero_si512();
	size_t from = e->words + 1, i = 0;
	for (; i + GROUP <= words; i += GROUP)
		read_group(t, bytes + i * 64, GROUP, e, from + i, with, &feeds);
	read_group(t, bytes + i * 64, words - i, e, from + i, with, &feeds);
	e->feeds += sum_feeds(feeds);
}

TARGET void line_ends_read_planes(const struct line_ends_table *t, const uint8_t *bytes,
                                  size_t words, struct line_ends *e)
{
	if (line_ends_read_ascii(t, bytes, words, e))
		return;
	e->is_wild = false;
	if (t->with & LINE_ENDS_NUMBERS)
		read_words(t, bytes, words, e, LINE_ENDS_NUMBERS);
	else
		read_words(t, bytes, words, e, 0);
	line_ends_join_fast(e, words, t->with);
}

bool line_ends_has_planes(void)
{
	return line_ends_has_avx512() && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
	       __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("gfni");
}

#endif
