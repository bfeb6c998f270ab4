#include "config/unique.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "config/default.h"

struct printed {
	const struct buffer *all;
	size_t at, size, index;
};

static int compare(const void *left, const void *right)
{
	const struct printed *a = left, *b = right;
	size_t least = a->size < b->size ? a->size : b->size;
	int r = memcmp(a->all->bytes + a->at, b->all->bytes + b->at, least);
	if (r == 0 && a->size != b->size)
		r = a->size < b->size ? -1 : 1;
	if (r == 0)
		r = a->index < b->index ? -1 : 1;
	return r;
}

static bool is_same(const struct printed *a, const struct printed *b)
{
	return a->size == b->size &&
	       memcmp(a->all->bytes + a->at, b->all->bytes + b->at, a->size) == 0;
}

/* Returns the number of the first repeated item in the order of the list, or `count`. */
static size_t find_repeated(struct printed *rows, size_t count)
{
	size_t found = count;
	qsort(rows, count, sizeof(*rows), compare);
	for (size_t i = 1; i < count; i++) {
		if (is_same(&rows[i - 1], &rows[i]) && rows[i].index < found)
			found = rows[i].index;
	}
	return found;
}

int unique_check(const struct schema_field *list, const struct schema_list *items,
                 size_t *ret_index)
{
	struct buffer all = {0};
	cleanup(free) struct printed *rows = calloc(items->count + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < items->count; i++) {
		rows[i] = (struct printed){.all = &all, .at = all.size, .index = i};
		schema_print_scalar(list->item, (char *)items->items + i * item_size(list), &all);
		rows[i].size = all.size - rows[i].at;
	}
	size_t found = all.failed ? 0 : find_repeated(rows, items->count);
	int r = all.failed ? -ENOMEM : found < items->count ? ERR_EXISTS : OK;
	if (r == ERR_EXISTS)
		*ret_index = found;
	buffer_done(&all);
	return r;
}
