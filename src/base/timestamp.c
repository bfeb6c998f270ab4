#include "base/timestamp.h"

#include <stdbool.h>
#include <stdio.h>

/* H. Hinnant, days_from_civil. */
int64_t timestamp_days(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t yoe = year - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

/* Reads exactly `digits` decimal digits; -1 when they are not there. */
static int64_t take_number(struct view *v, size_t digits)
{
	int64_t value = 0;
	if (v->size < digits)
		return -1;
	for (size_t i = 0; i < digits; i++) {
		if (v->bytes[i] < '0' || v->bytes[i] > '9')
			return -1;
		value = value * 10 + (v->bytes[i] - '0');
	}
	*v = view_skip(*v, digits);
	return value;
}

static bool take_char(struct view *v, const char *any)
{
	if (v->size == 0 || !v->bytes[0] || !strchr(any, v->bytes[0]))
		return false;
	*v = view_skip(*v, 1);
	return true;
}

static bool is_date(int64_t year, int64_t month, int64_t day)
{
	static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (year < 1900 || month < 1 || month > 12 || day < 1)
		return false;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return day <= days[month - 1] + (month == 2 && leap);
}

static int take_fraction_us(struct view *v, int64_t *us)
{
	int64_t unit = SECOND_US / 10;
	if (!take_char(v, "."))
		return OK;
	if (v->size == 0 || v->bytes[0] < '0' || v->bytes[0] > '9')
		return ERR_MALFORMED;
	while (v->size && v->bytes[0] >= '0' && v->bytes[0] <= '9') {
		if (unit == 0)
			return ERR_MALFORMED;
		*us += (v->bytes[0] - '0') * unit;
		unit /= 10;
		*v = view_skip(*v, 1);
	}
	return OK;
}

static int take_offset_us(struct view *v, int64_t *us)
{
	if (take_char(v, "Zz"))
		return OK;
	bool minus = v->size && v->bytes[0] == '-';
	if (!take_char(v, "+-"))
		return ERR_MALFORMED;
	int64_t hours = take_number(v, 2);
	bool colon = take_char(v, ":");
	int64_t minutes = take_number(v, 2);
	if (hours < 0 || hours > 23 || !colon || minutes < 0 || minutes > 59)
		return ERR_MALFORMED;
	int64_t offset = (hours * 60 + minutes) * 60 * SECOND_US;
	*us += minus ? offset : -offset;
	return OK;
}

static int take_clock(struct view *v, int64_t *us)
{
	int64_t hour = take_number(v, 2);
	bool colon = take_char(v, ":");
	int64_t minute = take_number(v, 2);
	bool colon2 = take_char(v, ":");
	int64_t second = take_number(v, 2);
	if (hour < 0 || hour > 23 || !colon || minute < 0 || minute > 59 || !colon2 || second < 0 ||
	    second > 59)
		return ERR_MALFORMED;
	*us += ((hour * 60 + minute) * 60 + second) * SECOND_US;
	int r = take_fraction_us(v, us);
	return r < 0 ? r : take_offset_us(v, us);
}

int timestamp_parse(struct view v, int64_t *ret_us)
{
	int64_t year = take_number(&v, 4);
	bool dash = take_char(&v, "-");
	int64_t month = take_number(&v, 2);
	bool dash2 = take_char(&v, "-");
	int64_t day = take_number(&v, 2);
	if (!dash || !dash2 || !is_date(year, month, day))
		return ERR_MALFORMED;
	int64_t us = timestamp_days(year, (int)month, (int)day) * DAY_US;
	if (v.size) {
		if (!take_char(&v, "Tt "))
			return ERR_MALFORMED;
		int r = take_clock(&v, &us);
		if (r < 0)
			return r;
	}
	if (v.size)
		return ERR_MALFORMED;
	*ret_us = us;
	return OK;
}

static int64_t floor_days(int64_t us)
{
	return us / DAY_US - (us % DAY_US < 0);
}

/* So many digits, zeros before them. */
static char *put_number(char *at, unsigned value, size_t digits)
{
	for (size_t i = digits; i > 0; i--, value /= 10)
		at[i - 1] = (char)('0' + value % 10);
	return at + digits;
}

static char *put_date(int64_t at_us, char *at)
{
	int64_t year;
	int month, day;
	date_of(floor_days(at_us), &year, &month, &day);
	if (year >= 0 && year <= 9999)
		at = put_number(at, (unsigned)year, 4);
	else
		at += sprintf(at, "%04d", (int)year);
	*at++ = '-';
	at = put_number(at, (unsigned)month, 2);
	*at++ = '-';
	return put_number(at, (unsigned)day, 2);
}

const char *timestamp_print_date(int64_t at_us, char text[static TIMESTAMP_TEXT_SIZE])
{
	if (at_us == TIME_MIN || at_us == TIME_MAX)
		return strcpy(text, "-");
	*put_date(at_us, text) = '\0';
	return text;
}

const char *timestamp_print(int64_t at_us, char text[static TIMESTAMP_TEXT_SIZE])
{
	if (at_us == TIME_MIN || at_us == TIME_MAX)
		return strcpy(text, "-");
	int64_t left = at_us - floor_days(at_us) * DAY_US;
	unsigned fraction = (unsigned)(left % SECOND_US), seconds = (unsigned)(left / SECOND_US);
	char *at = put_date(at_us, text);
	const unsigned clock[] = {seconds / 3600, seconds / 60 % 60, seconds % 60};
	for (size_t i = 0; i < 3; i++) {
		*at++ = "T::"[i];
		at = put_number(at, clock[i], 2);
	}
	if (fraction) {
		*at++ = '.';
		at = put_number(at, fraction, 6);
	}
	strcpy(at, "Z");
	return text;
}
