#include "gate/dns/local_data.h"

#include <errno.h>
#include <stdlib.h>

void local_data_add(struct local_data *d, const struct local_record *record,
                    const struct dname *origin)
{
	struct local_row row = {.owner = record->owner,
	                        .type = record->type,
	                        .ttl = record->ttl,
	                        .at = (uint32_t)d->bytes.size,
	                        .size = record->size};
	buffer_add(&d->bytes, record->rdata, record->size);
	buffer_add(&d->rows, &row, sizeof(row));
	row = (struct local_row){.owner = record->owner};
	while (row.owner.labels > origin->labels) {
		size_t first = row.owner.bytes[0] + 1U;
		row.owner.size -= (uint8_t)first;
		row.owner.labels--;
		memmove(row.owner.bytes, row.owner.bytes + first, row.owner.size);
		buffer_add(&d->rows, &row, sizeof(row));
	}
}

static int compare_names(const struct dname *a, const struct dname *b)
{
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->size);
}

/* In the order in which they were written, of one name and type. */
static int compare_rows(const void *left, const void *right)
{
	const struct local_row *a = left, *b = right;
	int order = compare_names(&a->owner, &b->owner);
	if (order == 0)
		order = a->type - b->type;
	return order ? order : (a->at > b->at) - (a->at < b->at);
}

int local_data_sort(struct local_data *d)
{
	if (d->rows.failed || d->bytes.failed)
		return -ENOMEM;
	if (d->rows.size)
		qsort(d->rows.bytes, d->rows.size / sizeof(struct local_row),
		      sizeof(struct local_row), compare_rows);
	return OK;
}

void local_data_done(struct local_data *d)
{
	buffer_done(&d->rows);
	buffer_done(&d->bytes);
}

const struct local_row *local_data_find(const struct local_data *d, const struct dname *name,
                                        size_t *ret_count)
{
	const void *bytes = d->rows.bytes;
	const struct local_row *rows = bytes;
	size_t low = 0, count = d->rows.size / sizeof(*rows), high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_names(&rows[middle].owner, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (high = low; high < count && dname_equal(&rows[high].owner, name);)
		high++;
	*ret_count = high - low;
	return high > low ? &rows[low] : NULL;
}

struct view local_data_of(const struct local_data *d, const struct local_row *row)
{
	return view_of(d->bytes.bytes + row->at, row->size);
}
