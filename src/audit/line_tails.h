/* line_tails.h - a set of texts, asked whether one of them may end at a place: by its last bytes alone, which are
 * compared as one number, wherever labels begin.
 *
 * What:    a text is known by its last eight bytes, of many by the last twelve, a shorter one by five or six. Each of these
 *          sizes that the set has is a multiplication and two bits, so there are few of them: one of seven bytes is put in
 *          with each byte that may stand before a name, and so is one of four. Nothing before is looked at, so that a few
 *          more may be taken for one; a second look, at other bits and always at the last twelve bytes of what has them,
 *          leaves nearly none of them.
 * Owns:    line_tails_init() allocates, some bytes a text.
 * Threads: any, once made. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/inline.h"

enum { LINE_TAIL_LONG = 12, LINE_TAIL_CUTS_MAX = 8, LINE_TAIL_SHORTS_MAX = 8 };

/* The last eight bytes before an end, and the eight that begin LINE_TAIL_LONG before it, in lower case. */
struct line_tail {
	uint64_t last, before;
};

struct line_tails {
	uint64_t multiplier[4];
	uint64_t *bits, *second;
	uint64_t *lasts; /* if is_many: eight bytes of all that are put in by so many or more */
	unsigned bits_log, second_log, lasts_log;
	bool is_many, has_long;
	bool is_names; /* no letter, digit, - or _ stands before a text; otherwise they are IPv4 addresses */
	/* What of the last eight bytes is looked at first: all, or of addresses seven, as the shortest has. */
	uint64_t first_mask;
	unsigned widened; /* texts that were put in more than once */
	unsigned cut_count;
	uint8_t cuts[LINE_TAIL_CUTS_MAX]; /* bits of `last` that do not count; the first: none */
	/* The texts for which there are cuts but the first, if they are so few that comparing with each is faster; if there
	 * are more the count is larger. What counts of `last`, and what that has to be. */
	unsigned short_count;
	uint64_t short_masks[LINE_TAIL_SHORTS_MAX], shorts[LINE_TAIL_SHORTS_MAX];
};

/* For so many texts. */
int line_tails_init(struct line_tails *t, size_t count, bool is_names,
                    const uint64_t secret[2]) must_check;
void line_tails_done(struct line_tails *t);
/* `size` is that of the whole text. */
void line_tails_add(struct line_tails *t, struct line_tail tail, size_t size);
/* The second look. */
bool line_tails_has(const struct line_tails *t, struct line_tail tail);

/* `byte` has the bit of lower case, as all of a tail. */
ALWAYS_INLINE unsigned line_tail_ends_with(struct line_tail tail, uint8_t byte)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return tail.last >> 56 == byte;
#else
	return (uint8_t)tail.last == byte;
#endif
}

ALWAYS_INLINE uint64_t line_tails_cut(uint64_t last, unsigned cut)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return last >> cut;
#else
	return last << cut;
#endif
}

/* Both bits of a text lie in one word: few are taken for one although a set of few is so small that it leaves nearly all
 * of the nearest cache to the text. */
ALWAYS_INLINE unsigned line_tails_bits(const uint64_t *words, unsigned log, uint64_t hash)
{
	uint64_t word = words[hash >> (70 - log)];
	return (unsigned)(word >> (hash >> 40 & 63) & word >> (hash >> 32 & 63)) & 1;
}

/* 0: no text of the set ends there. What is constant where it is called need not be asked for each time. */
ALWAYS_INLINE unsigned line_tails_may_have(const struct line_tails *t, struct line_tail tail,
                                           unsigned cut_count, bool has_long)
{
	unsigned may = line_tails_bits(t->bits, t->bits_log,
	                               (tail.last & t->first_mask) * t->multiplier[0]);
	for (unsigned i = 1; i < cut_count; i++)
		may |= line_tails_bits(t->bits, t->bits_log,
		                       line_tails_cut(tail.last, t->cuts[i]) * t->multiplier[0]);
	if (has_long)
		may |= line_tails_bits(t->bits, t->bits_log,
		                       tail.last * t->multiplier[0] +
		                               tail.before * t->multiplier[1]);
	return may;
}
