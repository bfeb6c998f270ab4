#include "gate/dns/top.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "wire/dns.h"

const char *const top_kind_names[TOP_WHATS] = {"clients", "names",  "blocked",
                                               "types",   "misses", "upstreams"};

struct top {
	uint64_t seed;
	uint64_t hashes[TOP_KINDS][TOP_ROWS]; /* of the rows' keys: those of a set are one line */
	struct top_row rows[TOP_KINDS][TOP_ROWS];
};

struct top *top_new(uint64_t seed)
{
	struct top *t = calloc(1, sizeof(*t));
	if (t)
		t->seed = seed;
	return t;
}

void top_free(struct top *t)
{
	free(t);
}

static bool row_is(const struct top_row *row, struct view key)
{
	return row->size == key.size && memcmp(row->key, key.bytes, key.size) == 0;
}

void top_add(struct top *t, enum top_kind kind, struct view key)
{
	uint64_t hash = hash_view(key, t->seed + kind);
	size_t set = hash % TOP_SETS * TOP_WAYS, least = 0;
	uint64_t *hashes = &t->hashes[kind][set];
	struct top_row *rows = &t->rows[kind][set];
	for (size_t i = 0; i < TOP_WAYS; i++) {
		if (hashes[i] == hash && rows[i].count && row_is(&rows[i], key)) {
			rows[i].count++;
			return;
		}
		if (rows[i].count < rows[least].count)
			least = i;
	}
	struct top_row *row = &rows[least];
	hashes[least] = hash;
	row->error = row->count;
	row->count++;
	row->size = (uint8_t)key.size;
	memcpy(row->key, key.bytes, key.size);
}

void top_add_query(struct top *t, const struct address *client, const struct dname *name,
                   uint16_t type)
{
	uint8_t number[] = {(uint8_t)(type >> 8), (uint8_t)type};
	top_add(t, TOP_CLIENTS, view_of(client->bytes, client->size));
	top_add(t, TOP_NAMES, dname_view(name));
	top_add(t, TOP_TYPES, view_of(number, sizeof(number)));
}

size_t top_copy(const struct top *t, enum top_kind kind, struct top_row *ret)
{
	size_t count = 0;
	const struct top_row *rows = t->rows[kind];
	for (size_t i = 0; i < TOP_ROWS; i++) {
		if (rows[i].count)
			ret[count++] = rows[i];
	}
	return count;
}

static int by_key(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->key, y->key, x->size);
}

static int by_count(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return by_key(a, b);
}

size_t top_merge(struct top_row *rows, size_t count)
{
	size_t kept = 0;
	qsort(rows, count, sizeof(*rows), by_key);
	for (size_t i = 0; i < count; i++) {
		if (kept && by_key(&rows[kept - 1], &rows[i]) == 0) {
			rows[kept - 1].count += rows[i].count;
			rows[kept - 1].error += rows[i].error;
		} else {
			rows[kept++] = rows[i];
		}
	}
	qsort(rows, kept, sizeof(*rows), by_count);
	return kept;
}
