/* line_scan_other.c - places that are no plain end of a name: escapes that hide a dot, headers, addresses. */
#include <stdlib.h>

#include "audit/line_scan_private.h"

static uint8_t byte_at(const struct line_scan *s, size_t at)
{
	return at < s->run.size ? s->run.bytes[at] : 0;
}

/* \u002e and the full stops of other scripts. */
static bool is_escaped_dot(const struct line_scan *s, size_t at)
{
	static const char *const codes[] = {"002e", "3002", "ff0e", "ff61"};
	if (byte_at(s, at + 1) != 'u' || at + 6 > s->run.size)
		return false;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		if (view_is_nocase(view_of(s->run.bytes + at + 2, 4), codes[i]))
			return true;
	}
	return false;
}

static int what_escapes(const struct line_scan *s, size_t at)
{
	switch (s->run.bytes[at]) {
	case '#': return at == 0 || s->run.bytes[at - 1] == '\n' ? PLACE_HEADER : -1;
	case '%':
		return byte_at(s, at + 1) == '2' && (byte_at(s, at + 2) | 0x20) == 'e'
		               ? PLACE_ESCAPED_NAME
		               : -1;
	case '\\': return is_escaped_dot(s, at) ? PLACE_ESCAPED_NAME : -1;
	default: return -1;
	}
}

/* The few rows are sorted after. */
static void add(struct line_scan *s, size_t at, int what)
{
	if (what >= 0)
		s->places[s->place_count++] = (struct line_place){(uint32_t)at, (uint8_t)what};
}

static void add_escapes(struct line_scan *s, size_t w)
{
	for (uint64_t bits = s->e.strange[w]; bits; bits &= bits - 1) {
		size_t at = (w - 1) * 64 + (size_t)__builtin_ctzll(bits);
		add(s, at, what_escapes(s, s->chunk + at));
	}
}

/* Few words have one. */
static void add_all_escapes(struct line_scan *s)
{
	for (size_t from = 0; from < s->e.words; from += 64) {
		for (uint64_t some = s->e.strange_words[from / 64]; some; some &= some - 1)
			add_escapes(s, from + 1 + (size_t)__builtin_ctzll(some));
	}
}

static void add_groups(struct line_scan *s)
{
	for (uint32_t i = 0; i < s->e.group_count; i++)
		add(s, s->e.groups[i],
		    line_scan_is_address6(s, s->e.groups[i]) ? PLACE_ADDRESS : -1);
}

/* Where groups of less than four digits may begin a listed address. */
static void add_any_groups(struct line_scan *s)
{
	struct view chunk = view_of(s->run.bytes + s->chunk, s->chunk_size);
	for (struct view rest = chunk; rest.size;) {
		const uint8_t *colon = memchr(rest.bytes, ':', rest.size);
		if (!colon)
			return;
		size_t at = (size_t)(colon - chunk.bytes);
		add(s, at, line_scan_is_address6(s, at) ? PLACE_ADDRESS : -1);
		rest = view_skip(rest, (size_t)(colon - rest.bytes) + 1);
	}
}

static void add_addresses(struct line_scan *s)
{
	for (uint32_t i = 0; i < s->e.number_count; i++)
		add(s, s->e.numbers[i],
		    line_scan_is_address4(s, s->e.numbers[i]) ? PLACE_ADDRESS : -1);
	if (s->filter->has_address6 && s->filter->is_low_address6)
		add_any_groups(s);
	else if (s->filter->has_address6)
		add_groups(s);
}

static int compare_places(const void *a, const void *b)
{
	const struct line_place *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at;
}

void line_scan_find_other(struct line_scan *s)
{
	uint32_t names = s->place_count;
	for (uint32_t i = 0; i < s->e.strange_end_count; i++)
		add(s, s->e.strange_ends[i], PLACE_ESCAPED_NAME);
	if (s->e.any_strange)
		add_all_escapes(s);
	if (s->dialect.has_addresses)
		add_addresses(s);
	if (s->place_count > names)
		qsort(s->places, s->place_count, sizeof(*s->places), compare_places);
}
