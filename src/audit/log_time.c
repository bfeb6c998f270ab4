#include "audit/log_time.h"

#include "base/decimal.h"
#include "base/timestamp.h"

struct when {
	int64_t year, fraction_us, offset_s;
	int month, day, hour, minute, second;
	bool has_clock, has_month_name;
	unsigned small_count; /* numbers of one or two digits met before a clock */
	int small[2];
};

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static size_t count_digits(struct view v)
{
	size_t size = 0;
	while (size < v.size && is_digit(v.bytes[size]))
		size++;
	return size;
}

static int64_t number_of(struct view v, size_t size)
{
	uint64_t number = 0;
	return decimal_parse(view_of(v.bytes, size), DECIMAL_DIGITS_MAX, &number) == OK
	               ? (int64_t)number
	               : -1;
}

/* .123456 or ,123 */
static struct view take_fraction(struct view v, int64_t *ret_us)
{
	if (v.size < 2 || !(v.bytes[0] == '.' || v.bytes[0] == ',') || !is_digit(v.bytes[1]))
		return v;
	int64_t unit = 100000;
	*ret_us = 0;
	for (v = view_skip(v, 1); v.size && is_digit(v.bytes[0]); v = view_skip(v, 1), unit /= 10)
		*ret_us += unit * (v.bytes[0] - '0');
	return v;
}

/* Digits alone, with a fraction at most: how many there are says what they count. */
static int parse_count(struct view v, int64_t *ret_us)
{
	size_t digits = count_digits(v);
	int64_t fraction = 0;
	struct view rest = take_fraction(view_skip(v, digits), &fraction);
	if (rest.size || digits < 9 || digits > DECIMAL_DIGITS_MAX)
		return ERR_MALFORMED;
	int64_t number = number_of(v, digits);
	if (number < 0 || (digits > 10 && digits != 13 && digits != 16 && digits != 19))
		return ERR_MALFORMED;
	if (digits <= 10)
		*ret_us = number * SECOND_US + fraction;
	else if (digits == 13)
		*ret_us = number * 1000;
	else
		*ret_us = digits == 16 ? number : number / 1000;
	return OK;
}

static int month_of(struct view word)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	for (int i = 0; word.size >= 3 && i < 12; i++) {
		if (strncasecmp((const char *)word.bytes, names + 3 * i, 3) == 0)
			return i + 1;
	}
	return 0;
}

static void take_word(struct when *w, struct view word)
{
	int month = month_of(word);
	if (month && !w->month) {
		w->month = month;
		w->has_month_name = true;
	} else if (view_is_nocase(word, "pm") && w->hour < 12) {
		w->hour += 12;
	} else if (view_is_nocase(word, "am") && w->hour == 12) {
		w->hour = 0;
	}
}

/* h:mm:ss with a fraction; returns how many bytes, 0 when it is none. */
static size_t take_clock(struct when *w, struct view v)
{
	size_t hour = count_digits(v), need = hour + 6;
	if (hour == 0 || hour > 2 || v.size < need || v.bytes[hour] != ':' ||
	    v.bytes[hour + 3] != ':' || count_digits(view_skip(v, hour + 1)) != 2 ||
	    count_digits(view_skip(v, hour + 4)) != 2 || w->has_clock)
		return 0;
	w->hour = (int)number_of(v, hour);
	w->minute = (int)number_of(view_skip(v, hour + 1), 2);
	w->second = (int)number_of(view_skip(v, hour + 4), 2);
	w->has_clock = true;
	struct view rest = take_fraction(view_skip(v, need), &w->fraction_us);
	return v.size - rest.size;
}

/* +01:00 or -0500 behind the clock. */
static size_t take_offset(struct when *w, struct view v)
{
	struct view digits = view_skip(v, 1);
	size_t first = count_digits(digits);
	bool has_colon = first == 2 && digits.size >= 5 && digits.bytes[2] == ':';
	if (!w->has_clock || !(v.bytes[0] == '+' || v.bytes[0] == '-') ||
	    !(first == 4 || has_colon))
		return 0;
	int64_t offset = number_of(digits, 2) * 3600 +
	                 number_of(view_skip(digits, has_colon ? 3 : 2), 2) * 60;
	w->offset_s = v.bytes[0] == '-' ? -offset : offset;
	return has_colon ? 6 : 5;
}

static bool take_number(struct when *w, struct view v, size_t digits)
{
	int64_t number = number_of(v, digits);
	if (digits == 8 && !w->year) {
		w->year = number / 10000;
		w->month = (int)(number / 100 % 100);
		w->day = (int)(number % 100);
	} else if (digits == 4 && !w->year) {
		w->year = number;
	} else if (digits <= 2 && w->small_count < 2) {
		w->small[w->small_count++] = (int)number;
	} else {
		return false;
	}
	return true;
}

static bool take_all(struct when *w, struct view v)
{
	while (v.size) {
		size_t digits = count_digits(v), used = take_clock(w, v);
		if (!used)
			used = take_offset(w, v);
		if (!used && digits) {
			if (!take_number(w, v, digits))
				return false;
			used = digits;
		}
		while (!used && digits < v.size && is_letter(v.bytes[digits]))
			digits++;
		if (!used && digits) {
			take_word(w, view_of(v.bytes, digits));
			used = digits;
		}
		v = view_skip(v, used ? used : 1);
	}
	return true;
}

/* Which of the small numbers is what. */
static void settle(struct when *w)
{
	if (w->has_month_name && w->small_count) {
		w->day = w->small[0];
	} else if (!w->month && w->small_count == 2) {
		bool is_day_first = w->small[0] > 12;
		w->month = w->small[is_day_first];
		w->day = w->small[!is_day_first];
	}
}

int log_time_parse(struct view text, int64_t *ret_us)
{
	enum { TEXT_MAX = 48 };
	struct when w = {0};
	text = view_trim(text);
	if (text.size > TEXT_MAX)
		return ERR_MALFORMED;
	if (parse_count(text, ret_us) == OK)
		return OK;
	if (!take_all(&w, text))
		return ERR_MALFORMED;
	settle(&w);
	if (!w.has_clock || w.year < 1970 || w.year > 9999 || w.month < 1 || w.month > 12 ||
	    w.day < 1 || w.day > 31 || w.hour > 23 || w.minute > 59 || w.second > 60)
		return ERR_MALFORMED;
	int64_t seconds = timestamp_days(w.year, w.month, w.day) * 86400 + w.hour * 3600 +
	                  w.minute * 60 + w.second - w.offset_s;
	*ret_us = seconds * SECOND_US + w.fraction_us;
	return OK;
}
