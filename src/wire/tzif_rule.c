#include "wire/tzif_rule.h"

#include "base/timestamp.h"

enum { HOURS_MAX = 167, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400, WEEK = 7 };

static bool take(struct view *v, char c)
{
	if (v->size == 0 || v->bytes[0] != (uint8_t)c)
		return false;
	*v = view_skip(*v, 1);
	return true;
}

/* Up to three digits, from `min` to `max`; -1 otherwise. */
static int take_number(struct view *v, int min, int max)
{
	int value = 0;
	size_t digits = 0;
	for (; digits < 3 && v->size && view_is_digit(v->bytes[0]); digits++) {
		value = value * 10 + (v->bytes[0] - '0');
		*v = view_skip(*v, 1);
	}
	return digits && value >= min && value <= max ? value : -1;
}

/* `CET` or `<+08>`: it only has to be there. */
static bool take_name(struct view *v)
{
	size_t size = 0;
	if (take(v, '<')) {
		while (v->size && v->bytes[0] != '>') {
			*v = view_skip(*v, 1);
			size++;
		}
		return take(v, '>') && size > 0;
	}
	for (; v->size && view_is_letter(v->bytes[0]); size++)
		*v = view_skip(*v, 1);
	return size >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct view *v, int32_t *ret_s)
{
	bool is_negative = take(v, '-');
	if (!is_negative)
		(void)take(v, '+');
	int hour = take_number(v, 0, HOURS_MAX), minute = 0, second = 0;
	if (take(v, ':')) {
		minute = take_number(v, 0, 59);
		if (take(v, ':'))
			second = take_number(v, 0, 59);
	}
	if (hour < 0 || minute < 0 || second < 0)
		return false;
	int32_t time_s = hour * HOUR_S + minute * MINUTE_S + second;
	*ret_s = is_negative ? -time_s : time_s;
	return true;
}

/* Mm.w.d, Jn or n, and /time. */
static bool take_day(struct view *v, struct tzif_day *ret)
{
	*ret = (struct tzif_day){.time_s = 2 * HOUR_S};
	bool is_good = true;
	if (take(v, 'M')) {
		ret->form = TZIF_DAY_MONTH;
		ret->month = take_number(v, 1, 12);
		is_good = take(v, '.');
		ret->week = take_number(v, 1, 5);
		is_good &= take(v, '.');
		ret->day = take_number(v, 0, 6);
	} else if (take(v, 'J')) {
		ret->form = TZIF_DAY_JULIAN;
		ret->day = take_number(v, 1, 365);
	} else {
		ret->form = TZIF_DAY_ZERO;
		ret->day = take_number(v, 0, 365);
	}
	is_good &= ret->month >= 0 && ret->week >= 0 && ret->day >= 0;
	return is_good && (!take(v, '/') || take_time(v, &ret->time_s));
}

int tzif_rule_parse(struct view v, struct tzif_rule *ret)
{
	struct tzif_rule rule = {0};
	int32_t west_s;
	if (!take_name(&v) || !take_time(&v, &west_s))
		return ERR_MALFORMED;
	rule.standard_s = -west_s;
	rule.summer_s = rule.standard_s + HOUR_S;
	if (v.size) {
		rule.has_summer = true;
		if (!take_name(&v))
			return ERR_MALFORMED;
		if (v.size && v.bytes[0] != ',') {
			if (!take_time(&v, &west_s))
				return ERR_MALFORMED;
			rule.summer_s = -west_s;
		}
		if (!take(&v, ',') || !take_day(&v, &rule.start) || !take(&v, ',') ||
		    !take_day(&v, &rule.end) || v.size)
			return ERR_MALFORMED;
	}
	*ret = rule;
	return OK;
}

/* The day of the week-th such day of the month, as days since 1970. */
static int64_t day_of_month(const struct tzif_day *d, int64_t year)
{
	int64_t first = timestamp_days(year, d->month, 1);
	int64_t next = d->month == 12 ? timestamp_days(year + 1, 1, 1)
	                              : timestamp_days(year, d->month + 1, 1);
	int64_t weekday = ((first + 4) % WEEK + WEEK) % WEEK; /* 1970 began on a Thursday */
	int64_t day = first + (d->day - weekday + WEEK) % WEEK + (int64_t)(d->week - 1) * WEEK;
	return day >= next ? day - WEEK : day;
}

int64_t tzif_day_at(const struct tzif_day *d, int64_t year, int32_t offset_s)
{
	int64_t first = timestamp_days(year, 1, 1), day = first + d->day;
	bool is_leap = timestamp_days(year, 3, 1) - first == 31 + 29;
	if (d->form == TZIF_DAY_MONTH)
		day = day_of_month(d, year);
	else if (d->form == TZIF_DAY_JULIAN) /* never counts 29 February */
		day = first + d->day - 1 + (is_leap && d->day > 31 + 28);
	return day * DAY_S + d->time_s - offset_s;
}
