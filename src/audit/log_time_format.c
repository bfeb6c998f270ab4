/* log_time_format.c - times by a format that somebody gives, as strftime(3) has it. */
#include "audit/log_time.h"
#include "base/decimal.h"
#include "base/timestamp.h"

/* A time that is being read by a format. */
struct reading {
	struct log_when when;
	struct view rest;
	int64_t epoch_s;
	bool has_epoch, is_afternoon, has_half;
};

typedef bool take_function(struct reading *r);

static bool take_number(struct reading *r, size_t digits_max, int64_t min, int64_t max,
                        int64_t *ret)
{
	size_t digits = 0;
	uint64_t number;
	while (digits < digits_max && digits < r->rest.size && view_is_digit(r->rest.bytes[digits]))
		digits++;
	if (decimal_parse(view_of(r->rest.bytes, digits), DECIMAL_DIGITS_MAX, &number) < 0 ||
	    number > INT64_MAX || (int64_t)number < min || (int64_t)number > max)
		return false;
	r->rest = view_skip(r->rest, digits);
	*ret = (int64_t)number;
	return true;
}

static bool take_two(struct reading *r, int64_t min, int64_t max, int *ret)
{
	int64_t number;
	bool is_good = take_number(r, 2, min, max, &number);
	if (is_good)
		*ret = (int)number;
	return is_good;
}

static void skip_space(struct view *v)
{
	while (v->size && view_is_space(v->bytes[0]))
		*v = view_skip(*v, 1);
}

static bool take_year(struct reading *r)
{
	return take_number(r, 4, 1970, 9999, &r->when.year);
}

static bool take_short_year(struct reading *r)
{
	bool is_good = take_number(r, 2, 0, 99, &r->when.year);
	r->when.year += r->when.year < 70 ? 2000 : 1900;
	return is_good;
}

static bool take_month(struct reading *r)
{
	return take_two(r, 1, 12, &r->when.month);
}

static bool take_day(struct reading *r)
{
	skip_space(&r->rest);
	return take_two(r, 1, 31, &r->when.day);
}

static bool take_hour(struct reading *r)
{
	skip_space(&r->rest);
	return take_two(r, 0, 23, &r->when.hour);
}

static bool take_minute(struct reading *r)
{
	return take_two(r, 0, 59, &r->when.minute);
}

static bool take_second(struct reading *r)
{
	return take_two(r, 0, 60, &r->when.second);
}

/* One digit to nine; how many there are says what they count. */
static bool take_fraction(struct reading *r)
{
	int64_t nanoseconds;
	size_t before = r->rest.size;
	if (!take_number(r, 9, 0, INT64_MAX, &nanoseconds))
		return false;
	for (size_t digits = before - r->rest.size; digits < 9; digits++)
		nanoseconds *= 10;
	r->when.fraction_us = nanoseconds / 1000;
	return true;
}

static bool take_epoch(struct reading *r)
{
	r->has_epoch = take_number(r, 12, 0, INT64_MAX / SECOND_US - 1, &r->epoch_s);
	return r->has_epoch;
}

/* Letters; returns how many. */
static size_t word_size(struct view v)
{
	size_t size = 0;
	while (size < v.size && view_is_letter(v.bytes[size]))
		size++;
	return size;
}

static bool take_month_name(struct reading *r)
{
	struct view word = view_of(r->rest.bytes, word_size(r->rest));
	r->when.month = log_month_of(word);
	r->rest = view_skip(r->rest, word.size);
	return r->when.month > 0;
}

static bool take_word(struct reading *r)
{
	size_t size = word_size(r->rest);
	r->rest = view_skip(r->rest, size);
	return size > 0;
}

static bool take_half(struct reading *r)
{
	struct view word = view_of(r->rest.bytes, word_size(r->rest));
	r->is_afternoon = view_is_nocase(word, "pm");
	r->has_half = r->is_afternoon || view_is_nocase(word, "am");
	r->rest = view_skip(r->rest, word.size);
	return r->has_half;
}

static bool take_zone(struct reading *r)
{
	size_t size = word_size(r->rest);
	if (size == 0 && r->rest.size) {
		size = 1;
		while (size < r->rest.size &&
		       (view_is_digit(r->rest.bytes[size]) || r->rest.bytes[size] == ':'))
			size++;
	}
	struct view zone = view_of(r->rest.bytes, size);
	r->rest = view_skip(r->rest, size);
	return log_zone_parse(zone, &r->when.offset_s) == OK;
}

enum said { SAID_YEAR = 1, SAID_MONTH = 2, SAID_DAY = 4, SAID_HOUR = 8, SAID_ALL = 15 };

static const struct conversion {
	char letter;
	take_function *take;
	unsigned says;
	const char *stands_for;
} conversions[] = {
	{'Y', take_year, SAID_YEAR, NULL},
	{'y', take_short_year, SAID_YEAR, NULL},
	{'m', take_month, SAID_MONTH, NULL},
	{'b', take_month_name, SAID_MONTH, NULL},
	{'B', take_month_name, SAID_MONTH, NULL},
	{'d', take_day, SAID_DAY, NULL},
	{'e', take_day, SAID_DAY, NULL},
	{'a', take_word, 0, NULL},
	{'A', take_word, 0, NULL},
	{'H', take_hour, SAID_HOUR, NULL},
	{'I', take_hour, SAID_HOUR, NULL},
	{'M', take_minute, 0, NULL},
	{'S', take_second, 0, NULL},
	{'f', take_fraction, 0, NULL},
	{'p', take_half, 0, NULL},
	{'z', take_zone, 0, NULL},
	{'s', take_epoch, SAID_ALL, NULL},
	{'F', NULL, SAID_YEAR | SAID_MONTH | SAID_DAY, "%Y-%m-%d"},
	{'T', NULL, SAID_HOUR, "%H:%M:%S"},
	{0},
};

static const struct conversion *find_conversion(char letter)
{
	const struct conversion *c = conversions;
	while (c->letter && c->letter != letter)
		c++;
	return c->letter ? c : NULL;
}

/* Words for what is counted since 1970, with how much of it a second has. */
static const struct {
	const char *word;
	int64_t in_second;
} counts[] = {{"seconds", 1},
              {"milliseconds", 1000},
              {"microseconds", 1000000},
              {"nanoseconds", 1000000000}};

static int64_t count_of(const char *format)
{
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		if (strcmp(format, counts[i].word) == 0)
			return counts[i].in_second;
	}
	return 0;
}

bool log_time_is_format(const char *format)
{
	unsigned says = 0;
	if (count_of(format))
		return true;
	for (const char *f = format; *f; f++) {
		if (*f != '%')
			continue;
		const struct conversion *c = find_conversion(*++f);
		if (!c && *f != '%')
			return false;
		says |= c ? c->says : 0;
	}
	return says == SAID_ALL;
}

static bool take_literal(struct reading *r, char c)
{
	if (view_is_space((uint8_t)c)) {
		skip_space(&r->rest);
		return true;
	}
	if (r->rest.size == 0 || r->rest.bytes[0] != (uint8_t)c)
		return false;
	r->rest = view_skip(r->rest, 1);
	return true;
}

static bool take_format(struct reading *r, const char *format)
{
	for (const char *f = format; *f; f++) {
		const struct conversion *c = *f == '%' ? find_conversion(*++f) : NULL;
		if (*f == '\0')
			return false;
		bool is_good = !c              ? take_literal(r, *f)
		               : c->stands_for ? take_format(r, c->stands_for)
		                               : c->take(r);
		if (!is_good)
			return false;
	}
	return true;
}

static int parse_count(struct view text, int64_t in_second, int64_t *ret_us)
{
	struct reading r = {.rest = text};
	int64_t number;
	if (!take_number(&r, DECIMAL_DIGITS_MAX, 0, INT64_MAX, &number))
		return ERR_MALFORMED;
	if (r.rest.size && r.rest.bytes[0] == '.') {
		r.rest = view_skip(r.rest, 1);
		if (in_second != 1 || !take_fraction(&r))
			return ERR_MALFORMED;
	}
	if (r.rest.size || number / in_second > INT64_MAX / SECOND_US - 1)
		return ERR_MALFORMED;
	*ret_us = in_second > SECOND_US ? number / (in_second / SECOND_US)
	                                : number * (SECOND_US / in_second) + r.when.fraction_us;
	return OK;
}

int log_time_parse_by(const char *format, struct view text, int64_t offset_s, int64_t *ret_us)
{
	struct reading r = {.when = {.offset_s = offset_s}, .rest = view_trim(text)};
	int64_t in_second = count_of(format);
	if (in_second)
		return parse_count(r.rest, in_second, ret_us);
	if (!take_format(&r, format) || r.rest.size)
		return ERR_MALFORMED;
	if (r.has_epoch) {
		*ret_us = r.epoch_s * SECOND_US + r.when.fraction_us;
		return OK;
	}
	if (r.has_half && (r.when.hour < 1 || r.when.hour > 12))
		return ERR_MALFORMED;
	if (r.has_half)
		r.when.hour = r.when.hour % 12 + (r.is_afternoon ? 12 : 0);
	return log_when_time(&r.when, ret_us);
}
