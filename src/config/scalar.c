#include "config/scalar.h"

#include <assert.h>
#include <inttypes.h>

#include "config/text.h"
#include "config/units.h"

static const char *const not_understood = "is not understood",
			 *const out_of_range = "is out of range", *const too_long = "is too long",
			 *const no_memory = "needs memory";

static bool has_bounds(const struct schema_field *f)
{
	return f->min != 0 || f->max != 0;
}

static int64_t upper_bound(const struct schema_field *f)
{
	return f->max == 0 && f->min >= 0 ? INT64_MAX : f->max;
}

static const char *read_text(const struct schema_field *f, struct view text, struct arena *a,
                             void *ret)
{
	if (text.size == 0 && !(f->flags & SCHEMA_EMPTY))
		return "is empty";
	if (!text_is_clean(text))
		return "has control characters";
	if (has_bounds(f) && (int64_t)text.size < f->min)
		return "is too short";
	if (text.size > SCHEMA_TEXT_MAX || (int64_t)text.size > upper_bound(f))
		return too_long;
	const char *copy = arena_text(a, text);
	if (!copy)
		return no_memory;
	*(const char **)ret = copy;
	return NULL;
}

static const char *read_id(const struct schema_field *f, struct view text, struct arena *a,
                           void *ret)
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.bytes[i];
		bool is_inner = c == '-' && i > 0;
		if (!is_inner && (c < 'a' || c > 'z') && (c < '0' || c > '9'))
			return "is no id";
	}
	return text.size > SCHEMA_ID_MAX ? too_long : read_text(f, text, a, ret);
}

static const char *read_bool(const struct schema_field *f, struct view text, struct arena *a,
                             void *ret)
{
	(void)f, (void)a;
	bool value = view_is(text, "yes") || view_is(text, "true");
	if (!value && !view_is(text, "no") && !view_is(text, "false"))
		return not_understood;
	*(bool *)ret = value;
	return NULL;
}

static const char *read_number(const struct schema_field *f, struct view text, struct arena *a,
                               void *ret)
{
	(void)a;
	int64_t value;
	int r = f->type == SCHEMA_INT     ? units_parse_int(text, &value)
	        : f->type == SCHEMA_SIZE  ? units_parse_size(text, &value)
	        : f->type == SCHEMA_CLOCK ? units_parse_clock(text, &value)
	                                  : units_parse_duration(text, &value);
	if (r < 0)
		return r == ERR_LIMIT ? out_of_range : not_understood;
	if (has_bounds(f) && (value < f->min || value > upper_bound(f)))
		return out_of_range;
	*(int64_t *)ret = value;
	return NULL;
}

static const char *read_time(const struct schema_field *f, struct view text, struct arena *a,
                             void *ret)
{
	(void)a;
	enum { DATE_SIZE = 10 };
	int64_t at_us = SCHEMA_UNKNOWN;
	bool is_unknown = f->type == SCHEMA_WHEN && view_is(text, "unknown");
	if (f->type == SCHEMA_DATE && text.size != DATE_SIZE)
		return not_understood;
	if (!is_unknown && timestamp_parse(text, &at_us) < 0)
		return not_understood;
	*(int64_t *)ret = at_us;
	return NULL;
}

/* Returns the number of the word, or -1. */
static int find_choice(const struct schema_field *f, struct view text)
{
	for (int i = 0; f->choices[i]; i++) {
		if (view_is(text, f->choices[i]))
			return i;
	}
	return -1;
}

static const char *read_choice(const struct schema_field *f, struct view text, struct arena *a,
                               void *ret)
{
	(void)a;
	int i = find_choice(f, text);
	if (i < 0)
		return "is unknown";
	if (f->type == SCHEMA_SET)
		*(uint64_t *)ret |= UINT64_C(1) << i;
	else
		*(int *)ret = i;
	return NULL;
}

static const char *read_prefix(const struct schema_field *f, struct view text, struct arena *a,
                               void *ret)
{
	(void)f, (void)a;
	int r = prefix_parse(text, ret);
	if (r == ERR_INVALID)
		return "has bits set after its length";
	return r < 0 ? not_understood : NULL;
}

static const char *read_endpoint(const struct schema_field *f, struct view text, struct arena *a,
                                 void *ret)
{
	(void)f, (void)a;
	return endpoint_parse(text, ret) < 0 ? not_understood : NULL;
}

static void print_text(const struct schema_field *f, const void *value, struct buffer *out)
{
	(void)f;
	text_print_yaml(view_text(*(const char *const *)value), false, out);
}

static void print_bool(const struct schema_field *f, const void *value, struct buffer *out)
{
	(void)f;
	buffer_add_text(out, *(const bool *)value ? "yes" : "no");
}

static void print_number(const struct schema_field *f, const void *value, struct buffer *out)
{
	int64_t number = *(const int64_t *)value;
	if (f->type == SCHEMA_SIZE)
		units_print_size(number, out);
	else if (f->type == SCHEMA_DURATION)
		units_print_duration(number, out);
	else if (f->type == SCHEMA_CLOCK)
		units_print_clock(number, out);
	else
		buffer_printf(out, "%" PRId64, number);
}

static void print_time(const struct schema_field *f, const void *value, struct buffer *out)
{
	int64_t at_us = *(const int64_t *)value;
	char text[TIMESTAMP_TEXT_SIZE];
	bool is_date = f->type == SCHEMA_DATE || at_us % DAY_US == 0;
	if (at_us == SCHEMA_UNKNOWN)
		buffer_add_text(out, "unknown");
	else
		buffer_add_text(out, is_date ? timestamp_print_date(at_us, text)
		                             : timestamp_print(at_us, text));
}

static void print_choice(const struct schema_field *f, const void *value, struct buffer *out)
{
	buffer_add_text(out, f->choices[*(const int *)value]);
}

static void print_set(const struct schema_field *f, const void *value, struct buffer *out)
{
	uint64_t set = *(const uint64_t *)value;
	const char *separator = "";
	buffer_add_text(out, "[");
	for (int i = 0; f->choices[i]; i++) {
		if (!(set >> i & 1))
			continue;
		buffer_add_text(out, separator);
		buffer_add_text(out, f->choices[i]);
		separator = ", ";
	}
	buffer_add_text(out, "]");
}

static void print_prefix(const struct schema_field *f, const void *value, struct buffer *out)
{
	(void)f;
	char text[PREFIX_TEXT_SIZE];
	text_print_yaml(view_text(prefix_print(value, text)), true, out);
}

static void print_endpoint(const struct schema_field *f, const void *value, struct buffer *out)
{
	(void)f;
	char text[ENDPOINT_TEXT_SIZE];
	text_print_yaml(view_text(endpoint_print(value, text)), true, out);
}

struct scalar_type {
	const char *name, *expected;
	size_t size;
	const char *(*read)(const struct schema_field *f, struct view text, struct arena *a,
	                    void *ret);
	void (*print)(const struct schema_field *f, const void *value, struct buffer *out);
};

/* clang-format off */
static const struct scalar_type types[] = {
	[SCHEMA_TEXT] = {"text", "text", sizeof(char *), read_text, print_text},
	[SCHEMA_ID] = {"id", "an id of lower-case letters, digits and hyphens, at most 64 of them",
	               sizeof(char *), read_id, print_text},
	[SCHEMA_BOOL] = {"yes or no", "yes or no", sizeof(bool), read_bool, print_bool},
	[SCHEMA_INT] = {"number", "a whole number", sizeof(int64_t), read_number, print_number},
	[SCHEMA_SIZE] = {"size", "a size such as 64 KiB, 10 MiB or 1 GiB", sizeof(int64_t), read_number,
	                 print_number},
	[SCHEMA_DURATION] = {"duration", "a duration such as 250 ms, 30 s, 5 min, 2 h or 90 days",
	                     sizeof(int64_t), read_number, print_number},
	[SCHEMA_DATE] = {"date", "a date such as 2026-01-15", sizeof(int64_t), read_time, print_time},
	[SCHEMA_WHEN] = {"time", "a date such as 2026-01-15, a time such as 2026-01-15T08:00:00Z, or unknown",
	                 sizeof(int64_t), read_time, print_time},
	[SCHEMA_CLOCK] = {"time of day", "a time of day such as 08:00 or 24:00", sizeof(int64_t), read_number,
	                  print_number},
	[SCHEMA_CHOICE] = {"word", "one of: ", sizeof(int), read_choice, print_choice},
	[SCHEMA_SET] = {"words", "any of: ", sizeof(uint64_t), read_choice, print_set},
	[SCHEMA_NAME] = {"name", "a name", sizeof(char *), read_text, print_text},
	[SCHEMA_PREFIX] = {"address block", "an address or a block such as 192.0.2.0/24 or 2001:db8::/32",
	                   sizeof(struct prefix), read_prefix, print_prefix},
	[SCHEMA_ENDPOINT] = {"endpoint",
	                     "an address and port such as 192.0.2.1:53 or \"[2001:db8::1]:53\"",
	                     sizeof(struct endpoint), read_endpoint, print_endpoint},
	[SCHEMA_STRUCT] = {"options", "keys with values: ", 0, NULL, NULL},
	[SCHEMA_LIST] = {"list", "a list", 0, NULL, NULL},
};
/* clang-format on */

size_t scalar_size(enum schema_type type)
{
	return types[type].size;
}

const char *scalar_type_name(enum schema_type type)
{
	return types[type].name;
}

void scalar_set_absent(enum schema_type type, void *ret)
{
	memset(ret, 0, types[type].size);
	if (type == SCHEMA_CHOICE)
		*(int *)ret = -1;
	else if (types[type].read == read_number || types[type].read == read_time)
		*(int64_t *)ret = SCHEMA_ABSENT;
}

bool scalar_is_absent(enum schema_type type, const void *value)
{
	switch (type) {
	case SCHEMA_TEXT:
	case SCHEMA_ID:
	case SCHEMA_NAME: return !*(const char *const *)value;
	case SCHEMA_INT:
	case SCHEMA_SIZE:
	case SCHEMA_DURATION:
	case SCHEMA_DATE:
	case SCHEMA_CLOCK:
	case SCHEMA_WHEN: return *(const int64_t *)value == SCHEMA_ABSENT;
	case SCHEMA_CHOICE: return *(const int *)value < 0;
	case SCHEMA_SET: return *(const uint64_t *)value == 0;
	case SCHEMA_PREFIX: return ((const struct prefix *)value)->family == ADDRESS_NONE;
	case SCHEMA_ENDPOINT: return ((const struct endpoint *)value)->family == ADDRESS_NONE;
	case SCHEMA_BOOL:
	case SCHEMA_STRUCT:
	case SCHEMA_LIST: break;
	}
	return false;
}

static size_t count_choices(const struct schema_field *f)
{
	size_t count = 0;
	while (f->choices && f->choices[count])
		count++;
	return count;
}

bool scalar_check(const struct schema_field *f, const void *value, const char *shown,
                  struct buffer *why)
{
	const char *expected = "another value";
	if (!f->check || f->check(value, &expected) >= 0)
		return true;
	buffer_printf(why, "%s is not acceptable, expected %s", shown, expected);
	return false;
}

bool scalar_read(const struct schema_field *f, struct view text, struct arena *a, void *ret,
                 struct buffer *why)
{
	char quoted[TEXT_QUOTE_SIZE] = "the secret";
	assert(types[f->type].read);
	const char *what = types[f->type].read(f, text, a, ret);
	if (!what && !f->check)
		return true;
	if (!(f->flags & SCHEMA_SECRET))
		text_quote(text, quoted);
	if (!what)
		return scalar_check(f, ret, quoted, why);
	buffer_printf(why, "%s %s", quoted, what);
	if (f->choices)
		text_print_near(text, f->choices, count_choices(f), why);
	buffer_add_text(why, ", expected ");
	scalar_print_expected(f, why);
	return false;
}

void schema_print_scalar(const struct schema_field *f, const void *value, struct buffer *out)
{
	assert(types[f->type].print);
	if (!scalar_is_absent(f->type, value))
		types[f->type].print(f, value, out);
}

static void print_bound(const struct schema_field *f, int64_t bound, struct buffer *out)
{
	if (types[f->type].read == read_number)
		print_number(f, &bound, out);
	else
		buffer_printf(out, "%" PRId64 " bytes", bound);
}

static void print_bounds(const struct schema_field *f, struct buffer *out)
{
	bool is_text = types[f->type].read == read_text;
	if (!has_bounds(f) || (!is_text && types[f->type].read != read_number))
		return;
	bool has_upper = upper_bound(f) < INT64_MAX, has_lower = !is_text || f->min > 0;
	buffer_add_text(out, is_text ? " of " : has_upper ? " from " : ", ");
	if (!has_upper)
		buffer_add_text(out, "at least ");
	else if (!has_lower)
		buffer_add_text(out, "at most ");
	if (has_lower)
		print_bound(f, f->min, out);
	if (has_upper && has_lower)
		buffer_add_text(out, " to ");
	if (has_upper)
		print_bound(f, f->max, out);
}

void scalar_print_expected(const struct schema_field *f, struct buffer *out)
{
	const char *separator = "";
	buffer_add_text(out, types[f->type].expected);
	for (size_t i = 0; f->choices && f->choices[i]; i++, separator = ", ")
		buffer_printf(out, "%s%s", separator, f->choices[i]);
	for (size_t i = 0; f->type == SCHEMA_STRUCT && f->child->fields[i].name;
	     i++, separator = ", ")
		buffer_printf(out, "%s%s", separator, f->child->fields[i].name);
	print_bounds(f, out);
	if (f->type == SCHEMA_LIST && f->item && f->item->type != SCHEMA_SET) {
		buffer_add_text(out, " of ");
		buffer_add_text(out, types[f->item->type].name);
	}
}
