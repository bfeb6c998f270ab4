#include "audit/line_ends_private.h"

#if defined(__x86_64__)
#	include <immintrin.h>
#endif

/* A byte is what low[byte & 15] & high[byte >> 4] says; bytes from 128 on are nothing there. */
enum {
	IS_HASH_OR_PERCENT = 0x01,
	IS_BACKSLASH = 0x02,
	IS_UNDERSCORE = 0x04,
	IS_HYPHEN = 0x08,
	IS_DIGIT = 0x10,
	IS_DOT = 0x20,
	IS_LATE_LETTER = 0x40,  /* p to z */
	IS_EARLY_LETTER = 0x80, /* a to o */
	IS_ESCAPE = IS_HASH_OR_PERCENT | IS_BACKSLASH,
	IS_HOST_FROM = IS_UNDERSCORE, /* and all above */
};

static void add(struct line_ends_table *t, uint8_t byte, uint8_t what)
{
	t->low[byte & 15] |= what;
	t->high[byte >> 4] |= what;
}

static uint8_t what(const struct line_ends_table *t, uint8_t c)
{
	return c < 128 ? t->low[c & 15] & t->high[c >> 4] : 0;
}

/* The sets that a byte is in, as line_ends_planes.c has them. */
static uint8_t planes_of(const struct line_ends_table *t, uint8_t c)
{
	uint8_t is = what(t, c);
	bool high = c >= 128, host = is >= IS_HOST_FROM || high, dot = is & IS_DOT;
	bool letter = is >= IS_LATE_LETTER || high;
	bool begins = t->with & LINE_ENDS_ANY_LABEL ? host && !dot : letter;
	return (uint8_t)(host << PLANE_HOST | begins << PLANE_BEGINS | dot << PLANE_DOT |
	                 (high || is & IS_ESCAPE) << PLANE_STRANGE | high << PLANE_HIGH |
	                 (c == '\n') << PLANE_FEED | (host && !letter) << PLANE_NUMBER |
	                 (!host || dot) << PLANE_STOP);
}

void line_ends_table(unsigned with, struct line_ends_table *ret)
{
	struct line_ends_table t = {0};
	for (uint8_t c = 0; c < 10; c++)
		add(&t, (uint8_t)('0' + c), IS_DIGIT);
	for (uint8_t c = 1; c < 16; c++) {
		add(&t, 0x40 | c, IS_EARLY_LETTER);
		add(&t, 0x60 | c, IS_EARLY_LETTER);
	}
	for (uint8_t c = 0; c < 11; c++) {
		add(&t, 0x50 | c, IS_LATE_LETTER);
		add(&t, 0x70 | c, IS_LATE_LETTER);
	}
	add(&t, '_', IS_UNDERSCORE);
	add(&t, '-', IS_HYPHEN);
	add(&t, '.', IS_DOT);
	if (with & LINE_ENDS_PERCENT)
		add(&t, '%', IS_HASH_OR_PERCENT);
	if (with & LINE_ENDS_HASH)
		add(&t, '#', IS_HASH_OR_PERCENT);
	if (with & LINE_ENDS_BACKSLASH)
		add(&t, '\\', IS_BACKSLASH);
	if (with & LINE_ENDS_COUNTED) {
		add(&t, '(', IS_HYPHEN);
		add(&t, ')', IS_DOT);
	}
	t.with = with;
	for (unsigned c = 0; c < 128; c++)
		t.planes[c] = planes_of(&t, (uint8_t)c);
	t.plane_high = planes_of(&t, 128);
	*ret = t;
}

void line_ends_begin(struct line_ends *e)
{
	e->words = 0;
	e->stop[0] = UINT64_MAX; /* nothing goes on before the run */
	e->strange[0] = e->dot[0] = 0;
	e->dot_carry = e->name_carry = 0;
	e->end_count = 0;
	e->feeds = e->any_strange = 0;
}

void line_ends_next(struct line_ends *e)
{
	e->stop[0] = e->stop[e->words];
	e->strange[0] = e->strange[e->words];
	e->dot[0] = e->dot[e->words];
	e->words = 0;
	e->end_count = 0;
	e->feeds = e->any_strange = 0;
}

/* What is where in 64 bytes. `letter` has no dots, `host` has them. */
struct word {
	uint64_t host, letter, high, dot, escape, feed;
};

/* Where a name is known to be one: a letter behind a dot. */
ALWAYS_INLINE uint64_t begins(const struct word *is, uint64_t dot_carry, unsigned with)
{
	uint64_t letter = with & LINE_ENDS_ANY_LABEL ? is->host & ~is->dot : is->letter;
	if (with & LINE_ENDS_NO_DOT)
		return is->host;
	return (letter & (is->dot << 1 | dot_carry)) | is->high;
}

/* A one that is added at a letter behind a dot runs through the bits of its name and comes out behind the last. */
ALWAYS_INLINE void read_with(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                             struct line_ends *e,
                             struct word (*read)(const struct line_ends_table *, const uint8_t *),
                             unsigned with)
{
	uint32_t *ends = e->ends + e->end_count;
	uint64_t feeds = 0, strange = 0, dot_carry = e->dot_carry, carry = e->name_carry;
	size_t begin = e->words;
	for (size_t w = begin + 1; w <= begin + words; w++, bytes += 64) {
		struct word is = read(t, bytes);
		uint64_t sum, last;
		feeds += (uint64_t)__builtin_popcountll(is.feed);
		carry = __builtin_add_overflow(begins(&is, dot_carry, with), carry, &last);
		carry |= __builtin_add_overflow(is.host, last, &sum);
		dot_carry = is.dot >> 63;
		ends = put_ends(ends, sum & ~is.host, (uint32_t)((w - 1) * 64));
		e->stop[w] = ~is.host | is.dot;
		e->strange[w] = is.high | is.escape;
		strange |= is.high | is.escape;
		e->feed[w] = is.feed;
		if (with & LINE_ENDS_NUMBERS) {
			e->number[w] = is.host & ~is.letter;
			e->dot[w] = is.dot;
		}
	}
	e->stop[begin + words + 1] = e->strange[begin + words + 1] = 0;
	e->words = begin + words;
	e->end_count = (uint32_t)(ends - e->ends);
	e->feeds += feeds;
	e->any_strange |= strange;
	e->dot_carry = dot_carry;
	e->name_carry = carry;
}

/* What most logs are like is compiled for itself. */
ALWAYS_INLINE void read_words(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                              struct line_ends *e,
                              struct word (*read)(const struct line_ends_table *, const uint8_t *))
{
	const unsigned names = LINE_ENDS_ANY_LABEL | LINE_ENDS_NO_DOT;
	if (t->with & names)
		read_with(t, bytes, words, e, read, t->with);
	else if (t->with & LINE_ENDS_NUMBERS)
		read_with(t, bytes, words, e, read, LINE_ENDS_NUMBERS);
	else
		read_with(t, bytes, words, e, read, 0);
}

ALWAYS_INLINE struct word plain_word(const struct line_ends_table *t, const uint8_t *bytes)
{
	struct word r = {0};
	for (unsigned i = 0; i < 64; i++) {
		uint8_t c = bytes[i];
		uint8_t is = what(t, c);
		r.high |= (uint64_t)(c >> 7) << i;
		r.host |= (uint64_t)(is >= IS_HOST_FROM || c >= 128) << i;
		r.letter |= (uint64_t)(is >= IS_LATE_LETTER || c >= 128) << i;
		r.dot |= (uint64_t)((is & IS_DOT) != 0) << i;
		r.escape |= (uint64_t)((is & IS_ESCAPE) != 0) << i;
		r.feed |= (uint64_t)(c == '\n') << i;
	}
	return r;
}

static void read_plain(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                       struct line_ends *e)
{
	read_words(t, bytes, words, e, plain_word);
}

static bool is_always(void)
{
	return true;
}

#if defined(__x86_64__)

#	define SSSE3  __attribute__((target("ssse3")))
#	define AVX2   __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#	define AVX512 __attribute__((target("avx512f,avx512bw,avx2,bmi,bmi2,lzcnt,popcnt")))

/* 64 bytes in vectors of `step`: what those of both widths share. */
#	define READ_VECTORS(vector, step, row, loadu, set1, shuffle, srli, slli, and, or, max,  \
	                     equal, movemask, mask_type)                                         \
		const vector low = row((const void *)t->low), high = row((const void *)t->high); \
		struct word r = {0};                                                             \
		for (unsigned i = 0; i < 64; i += step, bytes += step) {                         \
			vector v = loadu((const void *)bytes);                                   \
			vector is =                                                              \
				and(shuffle(low, v), shuffle(high, and(srli(v, 4), set1(15))));  \
			uint64_t top = (mask_type)movemask(v);                                   \
			r.high |= top << i;                                                      \
			r.host |= ((mask_type)movemask(equal(max(is, set1(IS_HOST_FROM)), is)) | \
			           top)                                                          \
			          << i;                                                          \
			r.letter |= ((mask_type)movemask(or (is, slli(is, 1))) | top) << i;      \
			r.dot |= (uint64_t)(mask_type)movemask(slli(is, 2)) << i;                \
			r.escape |= (uint64_t)(mask_type)movemask(or (slli(is, 7), slli(is, 6))) \
			            << i;                                                        \
			r.feed |= (uint64_t)(mask_type)movemask(equal(v, set1('\n'))) << i;      \
		}                                                                                \
		return r

#	define ROW32(at) _mm256_broadcastsi128_si256(_mm_loadu_si128(at))

SSSE3 ALWAYS_INLINE struct word ssse3_word(const struct line_ends_table *t, const uint8_t *bytes)
{
	READ_VECTORS(__m128i, 16, _mm_loadu_si128, _mm_loadu_si128, _mm_set1_epi8, _mm_shuffle_epi8,
	             _mm_srli_epi16, _mm_slli_epi16, _mm_and_si128, _mm_or_si128, _mm_max_epu8,
	             _mm_cmpeq_epi8, _mm_movemask_epi8, uint16_t);
}

AVX2 ALWAYS_INLINE struct word avx2_word(const struct line_ends_table *t, const uint8_t *bytes)
{
	READ_VECTORS(__m256i, 32, ROW32, _mm256_loadu_si256, _mm256_set1_epi8, _mm256_shuffle_epi8,
	             _mm256_srli_epi16, _mm256_slli_epi16, _mm256_and_si256, _mm256_or_si256,
	             _mm256_max_epu8, _mm256_cmpeq_epi8, _mm256_movemask_epi8, uint32_t);
}

/* A mask register is a word. */
AVX512 ALWAYS_INLINE struct word avx512_word(const struct line_ends_table *t, const uint8_t *bytes)
{
	const __m512i low = _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)t->low));
	const __m512i high = _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)t->high));
	const __m512i nibble = _mm512_set1_epi8(15);
	__m512i v = _mm512_loadu_si512((const void *)bytes);
	__m512i half = _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble);
	__m512i is = _mm512_and_si512(_mm512_shuffle_epi8(low, v), _mm512_shuffle_epi8(high, half));
	uint64_t top = _mm512_movepi8_mask(v);
	return (struct word){
		.high = top,
		.host = _mm512_test_epi8_mask(is, _mm512_set1_epi8((char)~IS_ESCAPE)) | top,
		.letter = _mm512_test_epi8_mask(
				  is, _mm512_set1_epi8((char)(IS_EARLY_LETTER | IS_LATE_LETTER))) |
	                  top,
		.dot = _mm512_test_epi8_mask(is, _mm512_set1_epi8(IS_DOT)),
		.escape = _mm512_test_epi8_mask(is, _mm512_set1_epi8(IS_ESCAPE)),
		.feed = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')),
	};
}

SSSE3 static void read_ssse3(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                             struct line_ends *e)
{
	read_words(t, bytes, words, e, ssse3_word);
}

AVX2 static void read_avx2(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                           struct line_ends *e)
{
	read_words(t, bytes, words, e, avx2_word);
}

AVX512 void line_ends_read_avx512(const struct line_ends_table *t, const uint8_t *bytes,
                                  size_t words, struct line_ends *e)
{
	read_words(t, bytes, words, e, avx512_word);
}

static bool has_ssse3(void)
{
	return __builtin_cpu_supports("ssse3");
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2") && /* and, with these, lzcnt */
	       __builtin_cpu_supports("popcnt");
}

static bool has_avx512(void)
{
	return has_avx2() && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw");
}

#endif

const struct line_ends_way line_ends_ways[] = {
	{"plain", read_plain, is_always},
#if defined(__x86_64__)
	{"ssse3", read_ssse3, has_ssse3},
	{"avx2", read_avx2, has_avx2},
	{"avx512", line_ends_read_avx512, has_avx512},
	{"planes", line_ends_read_planes, line_ends_has_planes},
#endif
	{0},
};

line_ends_function *line_ends_best(void)
{
	line_ends_function *best = read_plain;
	for (const struct line_ends_way *w = line_ends_ways; w->name; w++) {
		if (w->is_there())
			best = w->read;
	}
	return best;
}
