/* line_ends.h - where host names end: a block of text as sets of bits, 64 bytes to a word, bit n its n-th byte.
 *
 * What:    one pass over the bytes for the sets, one over their words for the ends. An end is the place behind a run of
 *          what host names are made of that has a dot with a letter behind it, or what is no ASCII. Which instructions
 *          make the sets is chosen once, by what the processor has; all give the same.
 * Limits:  LINE_ENDS_BYTES at once.
 * Threads: any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LINE_ENDS_WORDS = 128,
	LINE_ENDS_BYTES = 64 * LINE_ENDS_WORDS,
};

/* What beside host names is looked at. */
enum line_ends_with {
	LINE_ENDS_PERCENT = 1 << 0,   /* % is an escape */
	LINE_ENDS_BACKSLASH = 1 << 1, /* \ is */
	LINE_ENDS_HASH = 1 << 2,      /* # may begin a header */
	LINE_ENDS_COUNTED = 1 << 3, /* (4)chat(7)example(0): brackets belong to names, ) is a dot */
	LINE_ENDS_NUMBERS = 1 << 4, /* `numbers` and `groups` are wanted */
	LINE_ENDS_ANY_LABEL = 1 << 5, /* a last label may begin with a digit */
	LINE_ENDS_NO_DOT = 1 << 6,    /* names without a dot end too */
	LINE_ENDS_SETS = 1 << 7,      /* `host` and `dot` are wanted of all chunks */
};

/* Two rows by the halves of a byte; what both have is what it is. And what follows from it for each byte of ASCII. */
struct line_ends_table {
	uint8_t low[16], high[16];
	uint8_t planes[128];
	unsigned with;
};
void line_ends_table(unsigned with, struct line_ends_table *ret);

/* There is at most one every two bytes, and some room that is written in vain. */
enum { LINE_ENDS_MAX = LINE_ENDS_BYTES / 2 + 8 };

/* Words 1 to `words` are of the chunk. `strange` is promised where `strange_words` says so, `host` and `dot` with
 * LINE_ENDS_SETS only, and their word 0 is the last of what was before, so that one can look back. `letter`, `high`, `hex`
 * and `colon` are line_ends_join()'s own and not promised: some ways do without them and leave there what was. */
struct line_ends {
	uint64_t host[LINE_ENDS_WORDS + 2]; /* what names are made of, dots too */
	uint64_t dot[LINE_ENDS_WORDS + 2];  /* . and, where it parts labels, ) */
	uint64_t letter[LINE_ENDS_WORDS + 2];
	uint64_t high[LINE_ENDS_WORDS + 2];    /* no ASCII; host and letter, too */
	uint64_t strange[LINE_ENDS_WORDS + 2]; /* that, or one of # % \ as asked for */
	uint64_t hex[LINE_ENDS_WORDS + 2];     /* 0-9 a-o, */
	uint64_t colon[LINE_ENDS_WORDS + 2];   /* and : with LINE_ENDS_NUMBERS */
	uint32_t ends[LINE_ENDS_MAX];          /* in no order */
	uint32_t strange_ends[LINE_ENDS_MAX];  /* of names that have, or touch, what is strange */
	uint32_t numbers[LINE_ENDS_MAX];       /* before them an IPv4 address may stand */
	uint32_t groups[LINE_ENDS_MAX];        /* colons behind four of `hex` */
	uint32_t end_count, strange_end_count, number_count, group_count;
	size_t words;
	uint64_t feeds;                                   /* line feeds of the chunk */
	uint64_t any_strange;                             /* not 0: there is one in the chunk */
	uint64_t strange_words[LINE_ENDS_WORDS / 64 + 1]; /* bit w - 1: there is one in word w */
	/* from one chunk to the next */
	uint64_t dot_carry, name_carry, escape_carry, strange_carry, number_carry;
	uint64_t hex_before, behind_dot_before, pairs_before, triples_before;
	/* What was read last was no ASCII, or had escapes, and so may be what is next. */
	bool is_wild, is_marked;
};

/* Before the first chunk of a run, and before each other. */
void line_ends_begin(struct line_ends *e);
void line_ends_next(struct line_ends *e);

/* Adds so many words to the chunk, reading 64 bytes for each. */
typedef void line_ends_function(const struct line_ends_table *t, const uint8_t *bytes, size_t words,
                                struct line_ends *e);
line_ends_function *line_ends_best(void);

/* avx2, bmi, bmi2, lzcnt and popcnt: what all faster ways ask for at least. */
bool line_ends_has_avx2(void);

/* The ways there are, slowest first, for tests; ends with name NULL. */
struct line_ends_way {
	const char *name;
	line_ends_function *read;
	bool (*is_there)(void);
};
extern const struct line_ends_way line_ends_ways[];
