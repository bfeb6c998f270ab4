/* view.h - bytes that someone else owns, passed by value.
 *
 * A view lives no longer than what it points into. An empty view may have NULL bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct view {
	const uint8_t *bytes;
	size_t size;
};

#define VIEW_FMT    "%.*s"
#define VIEW_ARG(v) (int)(v).size, (const char *)(v).bytes

static inline struct view view_of(const void *bytes, size_t size)
{
	return (struct view){bytes, size};
}

static inline struct view view_text(const char *text)
{
	return (struct view){(const uint8_t *)text, text ? strlen(text) : 0};
}

static inline bool view_equal(struct view a, struct view b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static inline bool view_is(struct view v, const char *text)
{
	return view_equal(v, view_text(text));
}

/* By bytes; what the other begins with is before it. Negative, 0 or positive, as memcmp() gives. */
static inline int view_compare(struct view a, struct view b)
{
	size_t size = a.size < b.size ? a.size : b.size;
	int order = size ? memcmp(a.bytes, b.bytes, size) : 0;
	return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* ASCII case is ignored; other bytes must be equal. */
static inline bool view_is_nocase(struct view v, const char *text)
{
	return v.size == strlen(text) &&
	       (v.size == 0 || strncasecmp((const char *)v.bytes, text, v.size) == 0);
}

static inline bool view_starts_with(struct view v, struct view prefix)
{
	return v.size >= prefix.size && view_equal(view_of(v.bytes, prefix.size), prefix);
}

/* Cuts `count` bytes (at most all) off the front. */
static inline struct view view_skip(struct view v, size_t count)
{
	if (count > v.size)
		count = v.size;
	return (struct view){v.bytes ? v.bytes + count : NULL, v.size - count};
}

static inline bool view_is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool view_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Of ASCII. */
static inline bool view_is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline struct view view_trim(struct view v)
{
	while (v.size && view_is_space(v.bytes[0]))
		v = view_skip(v, 1);
	while (v.size && view_is_space(v.bytes[v.size - 1]))
		v.size--;
	return v;
}

/* Returns what precedes the first `separator` and moves `rest` past it; at the last part `rest`
 * becomes empty with NULL bytes. */
static inline struct view view_split(struct view *rest, uint8_t separator)
{
	const uint8_t *at = rest->size ? memchr(rest->bytes, separator, rest->size) : NULL;
	struct view part = *rest;
	if (at) {
		part.size = (size_t)(at - rest->bytes);
		*rest = view_skip(*rest, part.size + 1);
	} else {
		*rest = (struct view){0};
	}
	return part;
}
