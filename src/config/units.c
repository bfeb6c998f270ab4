#include "config/units.h"

#include <inttypes.h>

#include "base/timestamp.h"

#define MINUTE_US (60 * SECOND_US)

struct unit {
	const char *name; /* "" stands for a number alone */
	const char *singular;
	int64_t factor;
};

/* Largest first, as printing tries them. */
static const struct unit sizes[] = {
	{"TiB", "TiB", INT64_C(1) << 40},
	{"GiB", "GiB", 1 << 30},
	{"MiB", "MiB", 1 << 20},
	{"KiB", "KiB", 1 << 10},
	{"", "", 1},
	{NULL, NULL, 0},
};
static const struct unit durations[] = {
	{"days", "day", DAY_US}, {"h", "h", 3600 * SECOND_US}, {"min", "min", 60 * SECOND_US},
	{"s", "s", SECOND_US},   {"ms", "ms", 1000},           {"us", "us", 1},
	{NULL, NULL, 0},
};

/* Cuts the digits off the front. Another zero after a leading one is refused: it may mean octal. */
static int take_number(struct view *text, int64_t *ret)
{
	int64_t value = 0;
	size_t i = 0;
	bool is_over = false;
	for (; i < text->size && text->bytes[i] >= '0' && text->bytes[i] <= '9'; i++) {
		is_over |= __builtin_mul_overflow(value, 10, &value);
		is_over |= __builtin_add_overflow(value, text->bytes[i] - '0', &value);
	}
	if (i == 0 || (i > 1 && text->bytes[0] == '0'))
		return ERR_MALFORMED;
	*text = view_skip(*text, i);
	*ret = value;
	return is_over ? ERR_LIMIT : OK;
}

int units_parse_int(struct view text, int64_t *ret)
{
	bool is_negative = text.size && text.bytes[0] == '-';
	int64_t value = 0;
	text = view_skip(text, is_negative);
	int r = take_number(&text, &value);
	if (r == ERR_MALFORMED || text.size)
		return ERR_MALFORMED;
	if (r == OK)
		*ret = is_negative ? -value : value;
	return r;
}

static int parse(const struct unit *units, struct view text, int64_t *ret)
{
	int64_t value = 0;
	int r = take_number(&text, &value);
	if (r == ERR_MALFORMED)
		return r;
	text = view_trim(text);
	const struct unit *u = units;
	while (u->name && !view_is(text, u->name) && !view_is(text, u->singular))
		u++;
	bool is_zero = text.size == 0 && value == 0 && r == OK; /* needs no unit */
	if (!u->name && !is_zero)
		return ERR_MALFORMED;
	if (r < 0 || __builtin_mul_overflow(value, is_zero ? 1 : u->factor, &value))
		return ERR_LIMIT;
	*ret = value;
	return OK;
}

static void print(const struct unit *u, int64_t value, struct buffer *out)
{
	while (u->factor > 1 && (value % u->factor != 0 || value == 0))
		u++;
	int64_t count = value / u->factor;
	const char *name = count == 1 ? u->singular : u->name;
	buffer_printf(out, "%" PRId64 "%s%s", count, *name && value ? " " : "", value ? name : "");
}

int units_parse_size(struct view text, int64_t *ret)
{
	return parse(sizes, text, ret);
}

int units_parse_duration(struct view text, int64_t *ret)
{
	return parse(durations, text, ret);
}

int units_parse_clock(struct view text, int64_t *ret)
{
	const uint8_t *t = text.bytes;
	for (size_t i = 0; i < text.size; i++) {
		if (i != 2 && (t[i] < '0' || t[i] > '9'))
			return ERR_MALFORMED;
	}
	if (text.size != 5 || t[2] != ':')
		return ERR_MALFORMED;
	int hour = (t[0] - '0') * 10 + t[1] - '0', minute = (t[3] - '0') * 10 + t[4] - '0';
	if (minute > 59 || hour * 60 + minute > 24 * 60)
		return ERR_MALFORMED;
	*ret = (hour * 60 + minute) * MINUTE_US;
	return OK;
}

void units_print_clock(int64_t us, struct buffer *out)
{
	int minutes = (int)(us / MINUTE_US);
	buffer_printf(out, "%02d:%02d", minutes / 60, minutes % 60);
}

void units_print_size(int64_t bytes, struct buffer *out)
{
	print(sizes, bytes, out);
}

void units_print_duration(int64_t us, struct buffer *out)
{
	print(durations, us, out);
}
