#include "record/canonical.h"

#include "base/utf8.h"

struct scan {
	const uint8_t *begin, *at, *end;
};

static bool scan_value(struct scan *s, unsigned depth);

static bool scan_literal(struct scan *s, const char *text)
{
	size_t size = strlen(text);
	if ((size_t)(s->end - s->at) < size || memcmp(s->at, text, size) != 0)
		return false;
	s->at += size;
	return true;
}

static bool scan_byte(struct scan *s, uint8_t c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

/* \" \\ \b \t \n \f \r, and \u00XX in lower case for the control characters that have no short form */
static bool scan_escape(struct scan *s)
{
	static const char shorts[] = "\"\\btnfr";
	size_t left = (size_t)(s->end - s->at);
	if (left < 2)
		return false;
	if (s->at[1] && strchr(shorts, s->at[1])) {
		s->at += 2;
		return true;
	}
	if (left < 6 || memcmp(s->at, "\\u00", 4) != 0 || (s->at[4] != '0' && s->at[4] != '1'))
		return false;
	bool is_digit = s->at[5] >= '0' && s->at[5] <= '9';
	bool is_letter = s->at[5] >= 'a' && s->at[5] <= 'f';
	if (!is_digit && !is_letter)
		return false;
	if (s->at[4] == '0' && strchr("89acd", s->at[5]))
		return false; /* have a short form */
	s->at += 6;
	return true;
}

static bool scan_string(struct scan *s)
{
	if (!scan_byte(s, '"'))
		return false;
	while (s->at < s->end && *s->at != '"') {
		if (*s->at == '\\') {
			if (!scan_escape(s))
				return false;
			continue;
		}
		size_t size = utf8_size(view_of(s->at, (size_t)(s->end - s->at)));
		if (size == 0 || *s->at < 0x20)
			return false;
		s->at += size;
	}
	return scan_byte(s, '"');
}

static bool scan_number(struct scan *s)
{
	bool negative = scan_byte(s, '-');
	const uint8_t *first = s->at;
	int64_t value = 0;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9' && value <= CANONICAL_INT_MAX &&
	       !(s->at > first && *first == '0'))
		value = value * 10 + (*s->at++ - '0');
	size_t digits = (size_t)(s->at - first);
	return digits > 0 && value <= CANONICAL_INT_MAX && (*first != '0' || !negative);
}

/* A key in ASCII without escapes, greater than the one before. */
static bool scan_key(struct scan *s, struct view *last)
{
	const uint8_t *start = s->at;
	if (!scan_string(s))
		return false;
	struct view key = view_of(start + 1, (size_t)(s->at - start) - 2);
	for (size_t i = 0; i < key.size; i++) {
		if (key.bytes[i] >= 0x80 || key.bytes[i] == '\\') {
			s->at = start;
			return false;
		}
	}
	size_t common = key.size < last->size ? key.size : last->size;
	int order = last->bytes ? memcmp(last->bytes, key.bytes, common) : -1;
	if (order > 0 || (order == 0 && last->size >= key.size)) {
		s->at = start;
		return false;
	}
	*last = key;
	return scan_byte(s, ':');
}

static bool scan_object(struct scan *s, unsigned depth)
{
	struct view last = {0};
	if (!scan_byte(s, '{'))
		return false;
	if (scan_byte(s, '}'))
		return true;
	do {
		if (!scan_key(s, &last) || !scan_value(s, depth + 1))
			return false;
	} while (scan_byte(s, ','));
	return scan_byte(s, '}');
}

static bool scan_array(struct scan *s, unsigned depth)
{
	if (!scan_byte(s, '['))
		return false;
	if (scan_byte(s, ']'))
		return true;
	do {
		if (!scan_value(s, depth + 1))
			return false;
	} while (scan_byte(s, ','));
	return scan_byte(s, ']');
}

static bool scan_value(struct scan *s, unsigned depth)
{
	if (s->at == s->end || depth > CANONICAL_DEPTH_MAX)
		return false;
	switch (*s->at) {
	case '{': return scan_object(s, depth);
	case '[': return scan_array(s, depth);
	case '"': return scan_string(s);
	case 't': return scan_literal(s, "true");
	case 'f': return scan_literal(s, "false");
	case 'n': return scan_literal(s, "null");
	default: return scan_number(s);
	}
}

int canonical_check(struct view json, size_t *ret_offset)
{
	struct scan s = {json.bytes, json.bytes, json.bytes + json.size};
	if (json.size && scan_value(&s, 1) && s.at == s.end)
		return OK;
	*ret_offset = json.size ? (size_t)(s.at - s.begin) : 0;
	return ERR_MALFORMED;
}

bool canonical_next(struct view *rest, struct view *ret_key, struct view *ret_value)
{
	struct scan s = {rest->bytes, rest->bytes, rest->bytes + rest->size};
	struct view none = {0};
	if (rest->size == 0 || (!scan_byte(&s, '{') && !scan_byte(&s, ',')) || !scan_key(&s, &none))
		return false;
	const uint8_t *value = s.at;
	if (!scan_value(&s, 1))
		return false;
	*ret_key = none;
	*ret_value = view_of(value, (size_t)(s.at - value));
	*rest = view_of(s.at, (size_t)(s.end - s.at));
	return true;
}

bool canonical_find(struct view object, const char *key, struct view *ret_value)
{
	struct view own, value;
	while (canonical_next(&object, &own, &value)) {
		if (view_is(own, key)) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

static char unescape(const uint8_t **at)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	uint8_t c = (*at)[1];
	if (c == 'u') {
		uint8_t low = (*at)[5];
		char value =
			(char)((((*at)[4] - '0') << 4) | (low <= '9' ? low - '0' : low - 'a' + 10));
		*at += 6;
		return value;
	}
	*at += 2;
	return to[strchr(from, c) - from];
}

char *canonical_text(struct view value, struct arena *arena)
{
	if (value.size < 2 || value.bytes[0] != '"')
		return NULL;
	char *text = arena_alloc(arena, value.size), *out = text;
	const uint8_t *at = value.bytes + 1, *end = value.bytes + value.size - 1;
	while (out && at < end) {
		*out = *at == '\\' ? unescape(&at) : (char)*at++;
		if (*out++ == '\0')
			return NULL;
	}
	return text;
}

bool canonical_int(struct view value, int64_t *ret)
{
	struct scan s = {value.bytes, value.bytes, value.bytes + value.size};
	if (value.size == 0 || !scan_number(&s) || s.at != s.end)
		return false;
	bool negative = value.bytes[0] == '-';
	int64_t number = 0;
	for (size_t i = negative; i < value.size; i++)
		number = number * 10 + (value.bytes[i] - '0');
	*ret = negative ? -number : number;
	return true;
}
