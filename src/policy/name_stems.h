/* name_stems.h - what very many names end with, as a set of bits: asked of each name in a large text before anything else.
 *
 * What:    of each name its last two labels, or its last three where two are short: very many names stand below com.tw and
 *          co.uk. How many there are does not change what it costs to ask. Some others are taken for one of them, never one
 *          of them for another. Made when a policy is compiled (of few names it is not: other ways are faster then) and
 *          used where it lies.
 * Owns:    nothing. A name_stems borrows the block.
 * Fails:   name_stems_open() checks sizes; a block that was altered gives wrong answers and is read nowhere outside.
 * Threads: any, at the same time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/inline.h"
#include "base/view.h"
#include "policy/name_index.h"

enum {
	NAME_END_SIZE = 16,      /* bytes of a name that count, the last of them */
	NAME_STEM_SHORT_MAX = 6, /* two labels of so many bytes with their dot are short */
	NAME_STEM_LINE = 8,      /* words that are near each other */
	NAME_STEMS_NAMES_MIN = 1 << 14,
	NAME_STEMS_SHORTS_LOG = 16,
	NAME_STEMS_SHORTS = 1 << (NAME_STEMS_SHORTS_LOG - 6), /* words */
};

struct name_stems {
	uint64_t multiplier[2];
	const uint64_t *words;  /* NULL: there are fewer names than NAME_STEMS_NAMES_MIN */
	const uint64_t *shorts; /* names of two labels that are short themselves */
	uint8_t short_words[NAME_STEMS_SHORTS / 8]; /* a bit for each word of them that has one */
	uint32_t word_count;
	uint32_t with; /* enum name_stems_with */
};

enum name_stems_with {
	NAME_STEMS_ROOT = 1 << 0,    /* every name is below one of them */
	NAME_STEMS_SINGLE = 1 << 1,  /* one has a single label */
	NAME_STEMS_STRANGE = 1 << 2, /* the last label of one begins with no letter */
};

/* What a name ends with: its last bytes as text in lower case, with anything before them where it has fewer; and how many
 * bytes its last label, its last two and its last three have with the dots between, or all that there are. */
struct name_end {
	uint64_t bytes[2];
	unsigned labels;
	size_t size, last, two, three;
	uint8_t first; /* the last label begins with it */
};

/* `wire`: a name without its root label; NAME_END_SIZE bytes before it may be read. */
void name_end_of(struct view wire, struct name_end *ret);
/* enum name_stems_with: what that name is. */
unsigned name_end_with(const struct name_end *end);

/* Appends a block of the names of an index and of more, or nothing, if those of the index are few. -ENOMEM. */
int name_stems_write(const struct name_index *names, const struct dname *more, size_t more_count,
                     struct buffer *ret) must_check;
/* `secret` is that of the index. ERR_MALFORMED; an empty block is one of no words. */
int name_stems_open(struct view block, const uint64_t secret[2], struct name_stems *ret) must_check;

/* The hash of the last `size` of these bytes; what is before them does not count. */
ALWAYS_INLINE uint64_t name_stem_hash(const struct name_stems *s, const uint64_t bytes[2],
                                      size_t size)
{
	static const uint64_t window[4] = {0, 0, UINT64_MAX, UINT64_MAX};
	uint64_t mask[2];
	memcpy(mask, (const uint8_t *)window + (size < NAME_END_SIZE ? size : NAME_END_SIZE),
	       sizeof(mask));
	uint64_t hash =
		(bytes[0] & mask[0]) * s->multiplier[0] + (bytes[1] & mask[1]) * s->multiplier[1];
	return (hash ^ hash >> 32) * s->multiplier[0];
}

static inline size_t name_stem_word(const struct name_stems *s, uint64_t hash)
{
	return (size_t)((hash >> 32) * s->word_count >> 32);
}

static inline uint64_t name_stem_bits(uint64_t hash)
{
	return UINT64_C(1) << (hash >> 8 & 63) | UINT64_C(1) << (hash >> 16 & 63) |
	       UINT64_C(1) << (hash >> 24 & 63) | UINT64_C(1) << (hash >> 32 & 63);
}

/* Further bits of a stem, in a word near its first: what lets few pass is asked of those few only. */
struct name_stem_more {
	size_t word;
	uint64_t bits;
};

static inline struct name_stem_more name_stem_more(const struct name_stems *s, uint64_t hash)
{
	uint64_t more = (hash ^ hash >> 32) * s->multiplier[1];
	size_t word = name_stem_word(s, hash) ^ (more >> 40 & (NAME_STEM_LINE - 1));
	return (struct name_stem_more){word, UINT64_C(1) << (more >> 52 & 63) |
	                                             UINT64_C(1) << (more >> 58)};
}

static inline bool name_stems_may_have_more(const struct name_stems *s, uint64_t hash)
{
	struct name_stem_more more = name_stem_more(s, hash);
	return (s->words[more.word] & more.bits) == more.bits;
}

/* False: no name has that stem. */
static inline bool name_stems_may_have(const struct name_stems *s, uint64_t hash)
{
	uint64_t bits = name_stem_bits(hash);
	return (s->words[name_stem_word(s, hash)] & bits) == bits &&
	       name_stems_may_have_more(s, hash);
}

/* The place in `shorts` of a name of NAME_STEM_SHORT_MAX bytes at most; `last`: the last eight bytes before its end. Of a
 * longer one it is any. */
static inline uint64_t name_stem_short(const struct name_stems *s, uint64_t last, size_t size)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t name = last >> ((64 - 8 * size) & 63);
#else
	uint64_t name = last & ((UINT64_C(1) << (8 * size & 63)) - 1);
#endif
	return name * s->multiplier[0] >> (64 - NAME_STEMS_SHORTS_LOG);
}

static inline unsigned name_stems_may_have_short(const struct name_stems *s, uint64_t last,
                                                 size_t size)
{
	uint64_t at = name_stem_short(s, last, size);
	return (unsigned)(s->shorts[at / 64] >> (at % 64)) & 1;
}
