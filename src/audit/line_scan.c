#include "audit/line_scan.h"

#include <errno.h>
#include <stdlib.h>

#include "audit/line_escape.h"
#include "audit/line_scan_private.h"
#include "audit/line_sift.h"

enum { NAME_TEXT_MAX = 255 };

int line_scan_new(const struct line_filter *filter, const struct line_dialect *dialect,
                  struct line_scan **ret)
{
	struct line_scan *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->filter = filter;
	s->read_ends = line_ends_best();
	s->probe = line_ends_has_avx2() ? line_scan_probe_fast : line_scan_probe;
	s->probe = line_sift_has_wide() ? line_scan_probe_wide : s->probe;
	line_scan_set(s, dialect);
	*ret = s;
	return OK;
}

/* For line_scan_probe.c: what looks at eight ends at once finds their labels itself. */
static bool needs_sets(const struct line_scan *s)
{
	bool is_wide = s->probe == line_scan_probe_wide && !(s->filter->with & NAME_STEMS_SINGLE);
	return line_filter_is_large(s->filter) && !is_wide;
}

void line_scan_set(struct line_scan *s, const struct line_dialect *dialect)
{
	const struct line_filter *filter = s->filter;
	s->dialect = *dialect;
	s->dialect.has_addresses &= filter->has_address4 || filter->has_address6;
	unsigned with = dialect->marks;
	with |= s->dialect.has_addresses ? LINE_ENDS_NUMBERS : 0;
	with |= filter->with & NAME_STEMS_STRANGE ? LINE_ENDS_ANY_LABEL : 0;
	with |= filter->with & NAME_STEMS_SINGLE ? LINE_ENDS_NO_DOT : 0;
	with |= needs_sets(s) ? LINE_ENDS_SETS : 0;
	line_ends_table(with, &s->table);
}

void line_scan_free(struct line_scan *s)
{
	free(s);
}

void line_scan_use(struct line_scan *s, size_t way)
{
	s->read_ends = line_ends_ways[way].read;
	if (way == 0)
		s->probe = line_scan_probe;
	else if (way % 2 && line_ends_has_avx2())
		s->probe = line_scan_probe_fast;
	struct line_dialect dialect = s->dialect;
	line_scan_set(s, &dialect);
}

void line_scan_begin(struct line_scan *s, struct view run)
{
	s->run = run;
	s->chunk = s->chunk_size = s->given_end = 0;
	s->before = 0;
	s->place_count = s->next_place = 0;
	line_ends_begin(&s->e);
}

/* As much as there are bits for; a last word that is not full is read with zeros behind it, and there is always one. */
static void read_ends(struct line_scan *s)
{
	size_t words = s->chunk_size / 64;
	const uint8_t *bytes = s->run.bytes + s->chunk;
	s->read_ends(&s->table, bytes, words, &s->e);
	if (s->chunk + s->chunk_size < s->run.size)
		return;
	uint8_t padded[64] = {0};
	memcpy(padded, bytes + words * 64, s->chunk_size % 64);
	s->read_ends(&s->table, padded, 1, &s->e);
}

/* Lines of the chunk that end before that place of the run; asked for in order. */
static uint64_t count_feeds(struct line_scan *s, size_t before)
{
	const uint8_t *bytes = s->run.bytes, *feed;
	while (s->counted < before &&
	       (feed = memchr(bytes + s->counted, '\n', before - s->counted))) {
		s->counted = (size_t)(feed - bytes) + 1;
		s->counted_feeds++;
	}
	return s->counted_feeds;
}

static bool next_chunk(struct line_scan *s)
{
	size_t done = s->chunk + s->chunk_size, left = s->run.size - done;
	if (s->chunk_size) {
		s->before += s->e.feeds;
		line_ends_next(&s->e);
	}
	s->chunk = done;
	s->chunk_size = 0;
	if (left == 0)
		return false;
	size_t most = left < LINE_ENDS_BYTES + 64u ? LINE_ENDS_BYTES / 2 : LINE_ENDS_BYTES;
	s->chunk_size = left < most ? left : most;
	s->counted = done;
	s->counted_feeds = 0;
	read_ends(s);
	s->next_place = 0;
	s->probe(s);
	line_scan_find_other(s);
	return true;
}

/* The name that ends there, without dots at its end. */
static struct view name_before(const struct line_scan *s, size_t end)
{
	const uint8_t *bytes = s->run.bytes;
	while (end > 0 && bytes[end - 1] == '.')
		end--;
	size_t begin = end;
	while (begin > 0 && end - begin <= NAME_TEXT_MAX && line_escape_is_host(bytes[begin - 1]))
		begin--;
	return view_of(bytes + begin, end - begin);
}

static bool is_escape(uint8_t c)
{
	return c == '%' || c == '\\';
}

static bool holds(const struct line_scan *s, const struct line_place *p)
{
	size_t at = s->chunk + p->at;
	bool is_counted = s->dialect.marks & LINE_ENDS_COUNTED;
	if (p->what != PLACE_NAME && p->what != PLACE_ESCAPED_NAME)
		return true;
	struct view name = name_before(s, at);
	size_t begin = (size_t)(name.bytes - s->run.bytes);
	if (p->what == PLACE_ESCAPED_NAME || (begin > 0 && is_escape(s->run.bytes[begin - 1]))) {
		if (line_escape_has_name(s->filter, s->run, at, is_counted))
			return true;
	}
	/* a copy: of a mapped file others may change the bytes meanwhile */
	uint8_t copy[NAME_TEXT_MAX + 1];
	memcpy(copy, name.bytes, name.size);
	return line_filter_has_name(s->filter, view_of(copy, name.size));
}

static void give(struct line_scan *s, size_t at, struct line_hit *ret)
{
	const uint8_t *bytes = s->run.bytes;
	const uint8_t *feed = at ? memrchr(bytes, '\n', at) : NULL;
	size_t begin = feed ? (size_t)(feed - bytes) + 1 : 0;
	feed = memchr(bytes + at, '\n', s->run.size - at);
	size_t end = feed ? (size_t)(feed - bytes) : s->run.size;
	ret->line = view_of(bytes + begin, end - begin);
	ret->before = s->before + count_feeds(s, begin);
	s->given_end = end + 1;
}

/* Every line there is, where the policy wants it so. */
static bool next_any(struct line_scan *s, struct line_hit *ret)
{
	if (s->given_end >= s->run.size)
		return false;
	const uint8_t *from = s->run.bytes + s->given_end;
	const uint8_t *feed = memchr(from, '\n', s->run.size - s->given_end);
	size_t size = feed ? (size_t)(feed - from) : s->run.size - s->given_end;
	*ret = (struct line_hit){view_of(from, size), s->before++};
	s->given_end += size + 1;
	return true;
}

bool line_scan_next(struct line_scan *s, struct line_hit *ret)
{
	if (s->filter->takes_all)
		return next_any(s, ret);
	do {
		while (s->next_place < s->place_count) {
			const struct line_place *p = &s->places[s->next_place++];
			if (s->chunk + p->at >= s->given_end && holds(s, p)) {
				give(s, s->chunk + p->at, ret);
				return true;
			}
		}
	} while (next_chunk(s));
	return false;
}

uint64_t line_scan_count(const struct line_scan *s)
{
	bool is_open = s->run.size && s->run.bytes[s->run.size - 1] != '\n';
	return s->before + (is_open && !s->filter->takes_all);
}
