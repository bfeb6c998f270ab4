#include "gate/dns/upstream_ids.h"

#include <errno.h>
#include <string.h>

#define NONE_AT UPSTREAM_IDS_NONE

struct row {
	uint32_t channel, next; /* in its bucket */
	uint16_t id;
};

struct upstream_ids {
	uint32_t mask;
	uint32_t *buckets;
	struct row *rows;
};

int upstream_ids_new(uint32_t rows, struct upstream_ids **ret)
{
	cleanup(upstream_ids) struct upstream_ids *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	uint32_t buckets = 1;
	while (buckets < rows)
		buckets *= 2;
	t->mask = buckets - 1;
	t->buckets = malloc(buckets * sizeof(t->buckets[0]));
	t->rows = calloc(rows, sizeof(t->rows[0]));
	if (!t->buckets || !t->rows)
		return -ENOMEM;
	memset(t->buckets, 0xff, buckets * sizeof(t->buckets[0]));
	*ret = take_ptr(t);
	return OK;
}

void upstream_ids_free(struct upstream_ids *t)
{
	if (!t)
		return;
	free(t->buckets);
	free(t->rows);
	free(t);
}

/* The ids are random, so they spread by themselves. */
static uint32_t *bucket_of(const struct upstream_ids *t, uint32_t channel, uint16_t id)
{
	return &t->buckets[(id + channel * UINT32_C(0x9e3779b1)) & t->mask];
}

uint32_t upstream_ids_find(const struct upstream_ids *t, uint32_t channel, uint16_t id)
{
	uint32_t at = *bucket_of(t, channel, id);
	while (at != NONE_AT && (t->rows[at].channel != channel || t->rows[at].id != id))
		at = t->rows[at].next;
	return at;
}

int upstream_ids_add(struct upstream_ids *t, uint32_t row, uint32_t channel, uint16_t id)
{
	if (upstream_ids_find(t, channel, id) != NONE_AT)
		return ERR_EXISTS;
	uint32_t *bucket = bucket_of(t, channel, id);
	t->rows[row] = (struct row){.channel = channel, .id = id, .next = *bucket};
	*bucket = row;
	return OK;
}

void upstream_ids_remove(struct upstream_ids *t, uint32_t row)
{
	uint32_t *link = bucket_of(t, t->rows[row].channel, t->rows[row].id);
	while (*link != row)
		link = &t->rows[*link].next;
	*link = t->rows[row].next;
}
