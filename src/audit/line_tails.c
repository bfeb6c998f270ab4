#include "audit/line_tails.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	BITS_PER_TEXT = 64,
	BITS_PER_TEXT_MIN = 16,
	LAST_BITS_PER_TEXT = 8,
	LOG_MIN = 12,
	LOG_NEAR = 15,  /* what leaves room in the nearest cache */
	LOG_SECOND = 3, /* the second set is so much larger */
	MANY = 1024,    /* eight bytes of names would be too alike: x.com.tw */
	WIDENED_MAX = 128,
	ADDRESS_SIZE_MIN = 7, /* 1.1.1.1 */
};

/* -ENOMEM. */
static int init_lasts(struct line_tails *t, size_t count)
{
	t->lasts_log = LOG_MIN;
	while (UINT64_C(1) << t->lasts_log < (uint64_t)count * LAST_BITS_PER_TEXT)
		t->lasts_log++;
	t->lasts = calloc((size_t)1 << (t->lasts_log - 6), sizeof(*t->lasts));
	return t->lasts ? OK : -ENOMEM;
}

/* Of eight bytes the last so many. */
static uint64_t mask_of(size_t size)
{
	uint8_t bytes[8] = {0};
	uint64_t mask;
	memset(bytes + sizeof(bytes) - size, 0xff, size);
	memcpy(&mask, bytes, sizeof(mask));
	return mask;
}

int line_tails_init(struct line_tails *t, size_t count, bool is_names, const uint64_t secret[2])
{
	*t = (struct line_tails){.cut_count = 1,
	                         .bits_log = LOG_MIN,
	                         .is_many = is_names && count > MANY,
	                         .is_names = is_names,
	                         .first_mask = mask_of(is_names ? 8 : ADDRESS_SIZE_MIN)};
	while ((UINT64_C(1) << t->bits_log < (uint64_t)count * BITS_PER_TEXT &&
	        t->bits_log < LOG_NEAR) ||
	       UINT64_C(1) << t->bits_log < (uint64_t)count * BITS_PER_TEXT_MIN)
		t->bits_log++;
	t->second_log = t->bits_log + LOG_SECOND;
	t->bits = calloc((size_t)1 << (t->bits_log - 6), sizeof(*t->bits));
	t->second = calloc((size_t)1 << (t->second_log - 6), sizeof(*t->second));
	for (unsigned i = 0; i < 4; i++) /* odd, and unlike each other */
		t->multiplier[i] = ((secret[i % 2] ^ i) * UINT64_C(0x9e3779b97f4a7c15)) | 1;
	if (t->is_many && init_lasts(t, count) < 0)
		return -ENOMEM;
	return t->bits && t->second ? OK : -ENOMEM;
}

void line_tails_done(struct line_tails *t)
{
	free(t->bits);
	free(t->second);
	free(t->lasts);
}

static void set(uint64_t *words, unsigned log, uint64_t hash)
{
	words[hash >> (70 - log)] |=
		UINT64_C(1) << (hash >> 40 & 63) | UINT64_C(1) << (hash >> 32 & 63);
}

static void put_first(struct line_tails *t, uint64_t last, uint64_t before)
{
	set(t->bits, t->bits_log, last * t->multiplier[0] + before * t->multiplier[1]);
}

static void put_second(struct line_tails *t, uint64_t last, uint64_t before)
{
	set(t->second, t->second_log, last * t->multiplier[2] + before * t->multiplier[3]);
}

static void put_last(struct line_tails *t, uint64_t last)
{
	if (t->is_many)
		set(t->lasts, t->lasts_log, last * t->multiplier[0]);
}

static void put_cut(struct line_tails *t, uint64_t last, size_t size)
{
	uint8_t cut = (uint8_t)(64 - 8 * size);
	unsigned i = 0;
	while (i < t->cut_count && t->cuts[i] != cut)
		i++;
	if (i == t->cut_count)
		t->cuts[t->cut_count++] = cut;
	if (cut == 0)
		put_last(t, last);
	put_first(t, line_tails_cut(last, cut), 0);
	put_second(t, line_tails_cut(last, cut), 0);
}

static void put_short(struct line_tails *t, uint64_t last, size_t size)
{
	unsigned i = t->short_count++;
	if (i >= LINE_TAIL_SHORTS_MAX)
		return;
	t->short_masks[i] = mask_of(size);
	t->shorts[i] = last & t->short_masks[i];
}

static uint8_t byte_of(uint64_t last, size_t before_end)
{
	uint8_t bytes[8];
	memcpy(bytes, &last, sizeof(bytes));
	return bytes[sizeof(bytes) - before_end];
}

/* With each byte that may stand before a name: a dot, and what is in none. */
static void put_wide(struct line_tails *t, uint64_t last, size_t size)
{
	for (unsigned c = 0; c < 128; c++) {
		uint8_t bytes[8];
		if (isalnum((int)c) || c == '-' || c == '_')
			continue;
		memcpy(bytes, &last, sizeof(bytes));
		bytes[sizeof(bytes) - size - 1] = (uint8_t)(c | 0x20);
		uint64_t wide;
		memcpy(&wide, bytes, sizeof(wide));
		put_cut(t, wide, size + 1);
	}
	t->widened++;
}

static void add_address(struct line_tails *t, struct line_tail tail, size_t size)
{
	put_first(t, tail.last & t->first_mask, 0);
	if (size >= LINE_TAIL_LONG)
		put_second(t, tail.last, tail.before);
	else
		put_second(t, size >= 8 ? tail.last : tail.last & t->first_mask, 0);
}

static void add_name(struct line_tails *t, struct line_tail tail, size_t size)
{
	bool may_widen = t->widened < WIDENED_MAX;
	if (size < 7 || (size == 7 && !may_widen))
		put_short(t, tail.last, size);
	if (size >= LINE_TAIL_LONG) {
		t->has_long |= t->is_many;
		put_last(t, tail.last);
		put_first(t, tail.last, t->is_many ? tail.before : 0);
		put_second(t, tail.last, tail.before);
	} else if (size >= 8) {
		put_cut(t, tail.last, 8);
	} else if ((size == 7 || size == 4) && may_widen) {
		put_wide(t, tail.last, size);
	} else if (size >= 6) { /* of .com alone there is too much */
		put_cut(t, tail.last, size == 6 && byte_of(tail.last, 4) != '.' ? 5 : 6);
	} else {
		put_cut(t, tail.last, size);
	}
}

void line_tails_add(struct line_tails *t, struct line_tail tail, size_t size)
{
	if (t->is_names)
		add_name(t, tail, size);
	else
		add_address(t, tail, size);
}

static bool first_has(const struct line_tails *t, uint64_t last, uint64_t before)
{
	return line_tails_bits(t->bits, t->bits_log,
	                       last * t->multiplier[0] + before * t->multiplier[1]);
}

static bool second_has(const struct line_tails *t, uint64_t last, uint64_t before)
{
	return line_tails_bits(t->second, t->second_log,
	                       last * t->multiplier[2] + before * t->multiplier[3]);
}

static bool has_address(const struct line_tails *t, struct line_tail tail)
{
	uint64_t shortest = tail.last & t->first_mask;
	return first_has(t, shortest, 0) &&
	       (second_has(t, tail.last, tail.before) || second_has(t, tail.last, 0) ||
	        second_has(t, shortest, 0));
}

bool line_tails_has(const struct line_tails *t, struct line_tail tail)
{
	if (!t->is_names)
		return has_address(t, tail);
	for (unsigned i = 0; i < t->cut_count; i++) {
		uint64_t last = line_tails_cut(tail.last, t->cuts[i]);
		if (first_has(t, last, 0) && second_has(t, last, 0))
			return true;
	}
	return first_has(t, tail.last, t->has_long ? tail.before : 0) &&
	       second_has(t, tail.last, tail.before);
}
