#include "cmd/audit_repeated.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/table.h"

enum { SHOWN_MAX = 10 };

void audit_repeated_say(const struct source_list *list)
{
	for (size_t i = 0; i < list->repeated_count && i < SHOWN_MAX; i++)
		print_line(stderr, "writ audit: %s is the same file as %s: it is read once",
		           list->repeated[i].path, list->repeated[i].first);
	if (list->repeated_count > SHOWN_MAX)
		print_line(stderr, "writ audit: so are %zu more: each is read once",
		           list->repeated_count - SHOWN_MAX);
}

static int compare(const struct findings_source *a, const struct findings_source *b)
{
	return memcmp(a->sha256, b->sha256, sizeof(a->sha256));
}

/* Of equal ones the first first: they stand in one array. */
static int by_digest(const void *a, const void *b)
{
	const struct findings_source *const *x = a, *const *y = b;
	int order = compare(*x, *y);
	return order ? order : (*x > *y) - (*x < *y);
}

static void say_pairs(const struct findings_source **sources, size_t count)
{
	size_t shown = 0;
	for (size_t i = 1; i < count && shown < SHOWN_MAX; i++) {
		if (compare(sources[i - 1], sources[i]) != 0)
			continue;
		print_line(stderr,
		           "writ audit: " VIEW_FMT " has the same bytes as " VIEW_FMT
		           ": what is in them counts twice",
		           VIEW_ARG(sources[i]->name), VIEW_ARG(sources[i - 1]->name));
		shown++;
	}
}

void audit_repeated_say_equal(const struct findings *f)
{
	size_t count = 0, all = findings_source_count(f);
	const struct findings_source **sources = calloc(all + 1, sizeof(*sources));
	for (size_t i = 0; sources && i < all; i++) {
		const struct findings_source *s = findings_source_at(f, i);
		if (s->has_sha256 && s->bytes)
			sources[count++] = s;
	}
	if (count) {
		qsort(sources, count, sizeof(*sources), by_digest);
		say_pairs(sources, count);
	}
	free(sources);
}
