#include <string.h>

#include "audit/line_ends_private.h"

static void add(struct line_ends_table *t, uint8_t byte, uint8_t what)
{
	t->low[byte & 15] |= what;
	t->high[byte >> 4] |= what;
}

static uint8_t what(const struct line_ends_table *t, uint8_t c)
{
	return c < 128 ? t->low[c & 15] & t->high[c >> 4] : 0;
}

static uint8_t planes_of(const struct line_ends_table *t, uint8_t c)
{
	uint8_t is = what(t, c), planes = 0;
	bool is_letter = is >= IS_LATE_LETTER, is_label = is >= IS_HOST_FROM && !(is & IS_DOT);
	planes |= is >= IS_HOST_FROM ? PLANE_HOST : 0;
	planes |= is_letter || (is_label && t->with & LINE_ENDS_ANY_LABEL) ? PLANE_BEGIN : 0;
	planes |= is & IS_DOT ? PLANE_DOT : 0;
	planes |= is & IS_ESCAPE ? PLANE_STRANGE : 0;
	planes |= is & (IS_DIGIT | IS_EARLY_LETTER) ? PLANE_HEX : 0;
	planes |= c == ':' ? PLANE_COLON : 0;
	planes |= is >= IS_HOST_FROM && !is_letter ? PLANE_NUMBER : 0;
	planes |= c == '\n' ? PLANE_FEED : 0;
	return planes;
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
	for (uint8_t c = 0; c < 128; c++)
		t.planes[c] = planes_of(&t, c);
	*ret = t;
}

static void begin_chunk(struct line_ends *e)
{
	e->words = 0;
	e->end_count = e->strange_end_count = e->number_count = e->group_count = 0;
	e->feeds = e->any_strange = 0;
	memset(e->strange_words, 0, sizeof(e->strange_words));
}

void line_ends_begin(struct line_ends *e)
{
	e->host[0] = e->dot[0] = 0; /* nothing goes on before the run */
	e->dot_carry = e->name_carry = e->escape_carry = e->strange_carry = 0;
	e->number_carry = e->hex_before = 0;
	e->behind_dot_before = e->pairs_before = e->triples_before = 0;
	e->is_wild = e->is_marked = false;
	begin_chunk(e);
}

void line_ends_next(struct line_ends *e)
{
	e->host[0] = e->host[e->words];
	e->dot[0] = e->dot[e->words];
	begin_chunk(e);
}

/* Nearly no word has one. */
ALWAYS_INLINE uint32_t *put_few(uint32_t *ends, uint64_t bits, uint32_t at)
{
	for (; __builtin_expect(bits != 0, 0); bits &= bits - 1)
		*ends++ = at + first_bit(bits);
	return ends;
}

/* Where a name is known to be one: a letter behind a dot. */
ALWAYS_INLINE uint64_t name_begins(const struct line_ends *e, size_t w, uint64_t behind_dot,
                                   unsigned with)
{
	if (with & LINE_ENDS_NO_DOT)
		return e->host[w];
	if (with & LINE_ENDS_ANY_LABEL)
		return e->host[w] & ~e->dot[w] & behind_dot;
	return e->letter[w] & behind_dot;
}

/* Of the ends in that word, those whose names have what is no ASCII, or an escape before or behind them. */
ALWAYS_INLINE uint64_t strange_ends(struct line_ends *e, size_t w, uint64_t ends)
{
	uint64_t escape = e->strange[w] & ~e->high[w];
	uint64_t begins = ((escape << 1 | e->escape_carry) & e->host[w]) | e->high[w];
	e->escape_carry = escape >> 63;
	return ends & (run_ends(e->host[w], begins, &e->strange_carry) | escape);
}

ALWAYS_INLINE uint64_t group_ends(struct line_ends *e, size_t w)
{
	uint64_t hex = e->hex[w], ends = e->colon[w];
	for (unsigned i = 1; i <= 4; i++)
		ends &= hex << i | e->hex_before >> (64 - i);
	e->hex_before = hex;
	return ends;
}

/* Those that have one of the set so many places before, or one more, or two. */
ALWAYS_INLINE uint64_t has_before(uint64_t bits, uint64_t set, uint64_t before, unsigned by)
{
	uint64_t found = 0;
	for (unsigned i = by; i < by + 3; i++)
		found |= set << i | before >> (64 - i);
	return bits & found;
}

/* Of the ends of numbers those that have three dots before them with one to three bytes behind each, or end with a dot. */
ALWAYS_INLINE uint64_t address_ends(struct line_ends *e, uint64_t ends, uint64_t behind_dot)
{
	uint64_t pairs = has_before(behind_dot, behind_dot, e->behind_dot_before, 2);
	uint64_t triples = has_before(behind_dot, pairs, e->pairs_before, 2);
	uint64_t is = has_before(ends, triples, e->triples_before, 1);
	e->behind_dot_before = behind_dot;
	e->pairs_before = pairs;
	e->triples_before = triples;
	return is | (ends & behind_dot);
}

ALWAYS_INLINE void join_with(struct line_ends *e, size_t words, unsigned with, bool has_strange)
{
	uint32_t *ends = e->ends + e->end_count, *strange = e->strange_ends + e->strange_end_count,
		 *numbers = e->numbers + e->number_count, *groups = e->groups + e->group_count;
	uint64_t dot_carry = e->dot_carry, name_carry = e->name_carry,
		 number_carry = e->number_carry;
	for (size_t w = e->words + 1; w <= e->words + words; w++) {
		uint32_t at = (uint32_t)(w - 1) * 64;
		uint64_t host = e->host[w], behind_dot = e->dot[w] << 1 | dot_carry;
		uint64_t begins = name_begins(e, w, behind_dot, with);
		dot_carry = e->dot[w] >> 63;
		begins |= has_strange ? e->high[w] : 0;
		uint64_t all = run_ends(host, begins, &name_carry);
		uint64_t apart = has_strange ? strange_ends(e, w, all) : 0;
		ends = put_ends(ends, all & ~apart, at, first_bit);
		if (has_strange)
			strange = put_few(strange, apart, at);
		if (with & LINE_ENDS_NUMBERS) {
			uint64_t number = host & ~e->letter[w];
			uint64_t found = run_ends(number, number & behind_dot, &number_carry);
			numbers = put_ends(numbers, address_ends(e, found, behind_dot), at,
			                   first_bit);
			groups = put_few(groups, group_ends(e, w), at);
		}
	}
	e->words += words;
	e->host[e->words + 1] = e->dot[e->words + 1] = 0;
	e->end_count = (uint32_t)(ends - e->ends);
	e->strange_end_count = (uint32_t)(strange - e->strange_ends);
	e->number_count = (uint32_t)(numbers - e->numbers);
	e->group_count = (uint32_t)(groups - e->groups);
	e->dot_carry = dot_carry;
	e->name_carry = name_carry;
	e->number_carry = number_carry;
}

static void mark_strange(struct line_ends *e, size_t words)
{
	uint64_t some = 0;
	for (size_t i = e->words; i < e->words + words; i++) {
		some |= (uint64_t)(e->strange[i + 1] != 0) << (i % 64);
		if (i % 64 == 63 || i + 1 == e->words + words) {
			e->strange_words[i / 64] |= some;
			some = 0;
		}
	}
}

/* What most logs are like is compiled for itself. */
ALWAYS_INLINE void join(struct line_ends *e, size_t words, unsigned with)
{
	bool has_strange = e->any_strange | e->escape_carry | e->strange_carry;
	if (has_strange)
		mark_strange(e, words);
	if (with & (LINE_ENDS_ANY_LABEL | LINE_ENDS_NO_DOT))
		join_with(e, words, with, true);
	else if (with & LINE_ENDS_NUMBERS && has_strange)
		join_with(e, words, LINE_ENDS_NUMBERS, true);
	else if (with & LINE_ENDS_NUMBERS)
		join_with(e, words, LINE_ENDS_NUMBERS, false);
	else
		join_with(e, words, 0, has_strange);
}

void line_ends_join(struct line_ends *e, size_t words, unsigned with)
{
	join(e, words, with);
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))) void
line_ends_join_fast(struct line_ends *e, size_t words, unsigned with)
{
	join(e, words, with);
}
#endif

static void set(uint64_t *words, size_t i, bool is)
{
	words[i / 64] |= (uint64_t)is << (i % 64);
}

static void read_plain(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                       struct line_ends *e)
{
	size_t from = e->words + 1;
	uint64_t *const sets[] = {e->host, e->letter, e->dot, e->strange, e->hex, e->colon};
	for (size_t k = 0; k < sizeof(sets) / sizeof(*sets); k++)
		memset(sets[k] + from, 0, words * sizeof(uint64_t));
	memset(e->high + from, 0, words * sizeof(uint64_t));
	for (size_t i = 0; i < words * 64; i++) {
		uint8_t c = bytes[i], is = c < 128 ? t->planes[c] : 0;
		bool high = c >= 128;
		set(e->host + from, i, is & PLANE_HOST || high);
		set(e->letter + from, i, (is & PLANE_HOST && !(is & PLANE_NUMBER)) || high);
		set(e->dot + from, i, is & PLANE_DOT);
		set(e->strange + from, i, is & PLANE_STRANGE || high);
		set(e->hex + from, i, is & PLANE_HEX);
		set(e->colon + from, i, is & PLANE_COLON);
		set(e->high + from, i, high);
		e->feeds += c == '\n';
		e->any_strange |= is & PLANE_STRANGE || high;
	}
	line_ends_join(e, words, t->with);
}

static bool is_always(void)
{
	return true;
}

const struct line_ends_way line_ends_ways[] = {
	{"plain", read_plain, is_always},
#if defined(__x86_64__)
	{"ssse3", line_ends_read_ssse3, line_ends_has_ssse3},
	{"avx2", line_ends_read_avx2, line_ends_has_avx2},
	{"avx512", line_ends_read_avx512, line_ends_has_avx512},
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
