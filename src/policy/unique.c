#include "policy/unique.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct entry {
	const char *id;
	size_t at;
};

static int compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int r = strcmp(a->id, b->id);
	return r ? r : (a->at > b->at) - (a->at < b->at);
}

void unique_ids(const struct schema_list *list, size_t size, size_t id_offset, size_t place_offset,
                const char *what, struct problems *p)
{
	const char *items = list->items;
	cleanup(free) struct entry *all = calloc(list->count + 1, sizeof(*all));
	if (!all) {
		problem_add(p, "", 0, 0, "no memory to compare %zu ids", list->count);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		memcpy(&all[i].id, items + i * size + id_offset, sizeof(all[i].id));
		all[i].at = i;
	}
	qsort(all, list->count, sizeof(*all), compare);
	for (size_t i = 1; i < list->count; i++) {
		struct config_place at;
		if (strcmp(all[i - 1].id, all[i].id) != 0)
			continue;
		memcpy(&at, items + all[i].at * size + place_offset, sizeof(at));
		problem_add(p, at.file, at.line, at.column,
		            "%s \"%s\" is there twice, expected an id of its own", what, all[i].id);
	}
}
