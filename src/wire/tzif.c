#include "wire/tzif.h"

#include "base/reader.h"
#include "base/timestamp.h"
#include "wire/tzif_rule.h"

enum { RESERVED_SIZE = 15, TYPE_SIZE = 6, WIDE = 8, NARROW = 4, OFFSET_MAX_S = 167 * 3600 };

/* The counts of one block, in the file's order. */
struct head {
	uint8_t version;
	uint32_t utc_flags, standard_flags, leaps, times, types, letters;
};

static int read_head(struct reader *r, struct head *ret)
{
	const uint8_t *magic = read_bytes(r, 4);
	if (magic && !view_is(view_of(magic, 4), "TZif"))
		return ERR_MALFORMED;
	ret->version = read_u8(r);
	(void)read_bytes(r, RESERVED_SIZE);
	ret->utc_flags = read_u32(r);
	ret->standard_flags = read_u32(r);
	ret->leaps = read_u32(r);
	ret->times = read_u32(r);
	ret->types = read_u32(r);
	ret->letters = read_u32(r);
	return r->failed ? ERR_TRUNCATED : OK;
}

static uint64_t block_size(const struct head *h, unsigned time_size)
{
	return (uint64_t)h->times * (time_size + 1) + (uint64_t)h->types * TYPE_SIZE + h->letters +
	       (uint64_t)h->leaps * (time_size + 4) + h->standard_flags + h->utc_flags;
}

/* Rows as they are found; what is before `from_s` only moves the first one. */
struct changes {
	struct tzif_change *rows;
	size_t count, max;
	int64_t from_s, until_s;
	int64_t last_s; /* of all so far, those outside too */
	bool is_full;
};

static void add(struct changes *c, int64_t at_s, int32_t offset_s)
{
	c->last_s = at_s;
	if (at_s >= c->until_s)
		return;
	if (at_s <= c->from_s)
		c->rows[0].offset_s = offset_s;
	else if (c->rows[c->count - 1].offset_s == offset_s)
		return;
	else if (c->count == c->max)
		c->is_full = true;
	else
		c->rows[c->count++] = (struct tzif_change){at_s, offset_s};
}

/* The block with times of eight bytes, from its data on. */
static int read_block_rows(struct reader *r, const struct head *h, struct changes *c)
{
	if (h->types == 0 || h->types > 256)
		return ERR_MALFORMED;
	if (block_size(h, WIDE) > reader_left(r))
		return ERR_TRUNCATED;
	struct reader times = reader_open(r->at, (size_t)h->times * WIDE);
	struct reader indexes = reader_open(times.end, h->times);
	const uint8_t *types = indexes.end;
	(void)read_bytes(r, (size_t)block_size(h, WIDE));
	for (int64_t i = -1; i < (int64_t)h->times; i++) {
		/* before the first change the first type holds */
		int64_t at_s = i < 0 ? INT64_MIN : (int64_t)read_uint(&times, WIDE);
		uint8_t index = i < 0 ? 0 : read_u8(&indexes);
		if (index >= h->types || (i >= 0 && at_s <= c->last_s))
			return ERR_MALFORMED;
		struct reader type = reader_open(types + (size_t)index * TYPE_SIZE, TYPE_SIZE);
		int32_t offset_s = (int32_t)read_u32(&type);
		if (offset_s < -OFFSET_MAX_S || offset_s > OFFSET_MAX_S)
			return ERR_MALFORMED;
		add(c, at_s, offset_s);
	}
	return OK;
}

static int64_t year_of(int64_t at_s)
{
	int64_t year = 1970 + at_s / (366 * 86400);
	while (timestamp_days(year + 1, 1, 1) * 86400 <= at_s)
		year++;
	return year;
}

static void add_later(struct changes *c, int64_t written_s, int64_t at_s, int32_t offset_s)
{
	if (at_s > written_s)
		add(c, at_s, offset_s);
}

/* What the rule makes of the years after the last change that is written out. */
static void add_rule(struct changes *c, const struct tzif_rule *rule)
{
	int64_t written_s = c->last_s;
	int64_t first_s = written_s > c->from_s ? written_s : c->from_s;
	if (!rule->has_summer)
		add(c, first_s, rule->standard_s);
	if (!rule->has_summer || written_s >= c->until_s)
		return;
	for (int64_t year = year_of(first_s) - 1; year <= year_of(c->until_s) + 1; year++) {
		int64_t start = tzif_day_at(&rule->start, year, rule->standard_s);
		int64_t end = tzif_day_at(&rule->end, year, rule->summer_s);
		if (start < end)
			add_later(c, written_s, start, rule->summer_s);
		add_later(c, written_s, end, rule->standard_s);
		if (start >= end)
			add_later(c, written_s, start, rule->summer_s);
	}
}

int tzif_read(struct view file, int64_t from_s, int64_t until_s, struct tzif_change *ret,
              size_t max)
{
	if (file.size == 0)
		return ERR_TRUNCATED;
	struct reader r = reader_open(file.bytes, file.size);
	struct changes c = {ret, 1, max, from_s, until_s, INT64_MIN, false};
	struct tzif_rule rule;
	struct head h;
	int status = read_head(&r, &h);
	if (status == OK && h.version < '2')
		return ERR_MALFORMED;
	if (status == OK && block_size(&h, NARROW) > reader_left(&r))
		return ERR_TRUNCATED;
	if (status == OK) {
		(void)read_bytes(&r, (size_t)block_size(&h, NARROW));
		status = read_head(&r, &h);
	}
	ret[0] = (struct tzif_change){INT64_MIN, 0};
	if (status == OK)
		status = read_block_rows(&r, &h, &c);
	if (status < 0)
		return status;
	struct view foot = view_of(r.at, reader_left(&r));
	if (foot.size < 2)
		return ERR_TRUNCATED;
	if (foot.bytes[0] != '\n' || foot.bytes[foot.size - 1] != '\n')
		return ERR_MALFORMED;
	foot = view_of(foot.bytes + 1, foot.size - 2);
	if (foot.size) { /* without a rule the last change holds on */
		if (tzif_rule_parse(foot, &rule) < 0)
			return ERR_MALFORMED;
		add_rule(&c, &rule);
	}
	return c.is_full ? ERR_LIMIT : (int)c.count;
}
