#include "audit/log_time.h"

#include "base/decimal.h"
#include "base/timestamp.h"

struct when {
	struct log_when is;
	bool has_clock, has_month_name, has_dots;
	bool has_half, is_afternoon; /* of a clock of twelve hours; before it or behind it */
	unsigned small_count;        /* numbers of one or two digits met before a clock */
	int small[2];
};

/* AM and PM as Windows writes them in Chinese, Korean and Japanese: in UTF-8, and in Big5, UHC and Shift JIS. */
static const struct half {
	const char *text;
	bool is_afternoon;
} halves[] = {
	{"\xe4\xb8\x8a\xe5\x8d\x88", false}, {"\xe4\xb8\x8b\xe5\x8d\x88", true},
	{"\xa4\x57\xa4\xc8", false},         {"\xa4\x55\xa4\xc8", true},
	{"\xec\x98\xa4\xec\xa0\x84", false}, {"\xec\x98\xa4\xed\x9b\x84", true},
	{"\xbf\xc0\xc0\xfc", false},         {"\xbf\xc0\xc8\xc4", true},
	{"\xe5\x8d\x88\xe5\x89\x8d", false}, {"\xe5\x8d\x88\xe5\xbe\x8c", true},
	{"\x8c\xdf\x91\x4f", false},         {"\x8c\xdf\x8c\xe3", true},
};

static size_t count_digits(struct view v)
{
	size_t size = 0;
	while (size < v.size && view_is_digit(v.bytes[size]))
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
	if (v.size < 2 || !(v.bytes[0] == '.' || v.bytes[0] == ',') || !view_is_digit(v.bytes[1]))
		return v;
	int64_t unit = 100000;
	*ret_us = 0;
	for (v = view_skip(v, 1); v.size && view_is_digit(v.bytes[0]);
	     v = view_skip(v, 1), unit /= 10)
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

int log_month_of(struct view word)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	for (int i = 0; word.size >= 3 && i < 12; i++) {
		if (strncasecmp((const char *)word.bytes, names + 3 * i, 3) == 0)
			return i + 1;
	}
	return 0;
}

static void note_half(struct when *w, bool is_afternoon)
{
	w->has_half = true;
	w->is_afternoon = is_afternoon;
}

/* Returns how many bytes, 0 when it is none. */
static size_t take_half(struct when *w, struct view v)
{
	for (size_t i = 0; i < sizeof(halves) / sizeof(*halves); i++) {
		struct view text = view_text(halves[i].text);
		if (view_starts_with(v, text)) {
			note_half(w, halves[i].is_afternoon);
			return text.size;
		}
	}
	return 0;
}

static void take_word(struct when *w, struct view word)
{
	int month = log_month_of(word);
	if (month && !w->is.month) {
		w->is.month = month;
		w->has_month_name = true;
	} else if (view_is_nocase(word, "pm") || view_is_nocase(word, "am")) {
		note_half(w, view_is_nocase(word, "pm"));
	} else if (view_is_nocase(word, "z") || view_is_nocase(word, "utc") ||
	           view_is_nocase(word, "gmt")) {
		w->is.offset_s = 0;
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
	w->is.hour = (int)number_of(v, hour);
	w->is.minute = (int)number_of(view_skip(v, hour + 1), 2);
	w->is.second = (int)number_of(view_skip(v, hour + 4), 2);
	w->has_clock = true;
	struct view rest = take_fraction(view_skip(v, need), &w->is.fraction_us);
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
	w->is.offset_s = v.bytes[0] == '-' ? -offset : offset;
	return has_colon ? 6 : 5;
}

static bool take_number(struct when *w, struct view v, size_t digits)
{
	int64_t number = number_of(v, digits);
	if (digits == 8 && !w->is.year) {
		w->is.year = number / 10000;
		w->is.month = (int)(number / 100 % 100);
		w->is.day = (int)(number % 100);
	} else if (digits == 4 && !w->is.year) {
		w->is.year = number;
	} else if (digits <= 2 && w->small_count < 2) {
		w->small[w->small_count++] = (int)number;
		w->has_dots |= v.size > digits && v.bytes[digits] == '.';
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
		if (!used)
			used = take_half(w, v);
		if (!used && digits) {
			if (!take_number(w, v, digits))
				return false;
			used = digits;
		}
		while (!used && digits < v.size && view_is_letter(v.bytes[digits]))
			digits++;
		if (!used && digits) {
			take_word(w, view_of(v.bytes, digits));
			used = digits;
		}
		v = view_skip(v, used ? used : 1);
	}
	return true;
}

/* Which of the small numbers is what, and which half of the day it was. */
static void settle(struct when *w)
{
	if (w->has_half && w->is_afternoon && w->is.hour < 12)
		w->is.hour += 12;
	else if (w->has_half && !w->is_afternoon && w->is.hour == 12)
		w->is.hour = 0;
	if (w->has_month_name && w->small_count) {
		w->is.day = w->small[0];
	} else if (!w->is.month && w->small_count == 2) {
		bool is_day_first = w->small[0] > 12 || (w->has_dots && w->small[1] <= 12);
		w->is.month = w->small[is_day_first];
		w->is.day = w->small[!is_day_first];
	}
}

int log_zone_parse(struct view text, int64_t *ret_offset_s)
{
	text = view_trim(text);
	if (view_is_nocase(text, "z") || view_is_nocase(text, "utc") ||
	    view_is_nocase(text, "gmt")) {
		*ret_offset_s = 0;
		return OK;
	}
	if (text.size < 3 || !(text.bytes[0] == '+' || text.bytes[0] == '-') ||
	    count_digits(view_skip(text, 1)) < 2)
		return ERR_MALFORMED;
	struct view minutes = view_skip(text, 3);
	if (minutes.size && minutes.bytes[0] == ':')
		minutes = view_skip(minutes, 1);
	if (text.size > 3 && (minutes.size != 2 || count_digits(minutes) != 2))
		return ERR_MALFORMED;
	int64_t offset = number_of(view_skip(text, 1), 2) * 3600 +
	                 (minutes.size ? number_of(minutes, 2) * 60 : 0);
	*ret_offset_s = text.bytes[0] == '-' ? -offset : offset;
	return OK;
}

int log_when_time(const struct log_when *w, int64_t *ret_us)
{
	if (w->year < 1970 || w->year > 9999 || w->month < 1 || w->month > 12 || w->day < 1 ||
	    w->day > 31 || w->hour > 23 || w->minute > 59 || w->second > 60)
		return ERR_MALFORMED;
	int64_t seconds = timestamp_days(w->year, w->month, w->day) * 86400 + w->hour * 3600 +
	                  w->minute * 60 + w->second - w->offset_s;
	*ret_us = seconds * SECOND_US + w->fraction_us;
	return OK;
}

int log_time_parse_at(struct view text, int64_t offset_s, int64_t *ret_us)
{
	enum { TEXT_MAX = 48 };
	struct when w = {.is = {.offset_s = offset_s}};
	text = view_trim(text);
	if (text.size > TEXT_MAX)
		return ERR_MALFORMED;
	if (parse_count(text, ret_us) == OK)
		return OK;
	if (!take_all(&w, text) || !w.has_clock)
		return ERR_MALFORMED;
	settle(&w);
	return log_when_time(&w.is, ret_us);
}

int log_time_parse(struct view text, int64_t *ret_us)
{
	return log_time_parse_at(text, 0, ret_us);
}
