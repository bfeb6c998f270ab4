#include "net/client_counts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"

struct row {
	struct address client;
	uint32_t count; /* 0: free */
};

struct client_counts {
	uint64_t seed;
	uint32_t mask, used, used_max;
	struct row rows[];
};

int client_counts_new(uint32_t connections_max, uint64_t seed, struct client_counts **ret)
{
	uint32_t size = 16;
	while (size < connections_max * UINT64_C(2))
		size *= 2;
	struct client_counts *c = calloc(1, sizeof(*c) + size * sizeof(c->rows[0]));
	if (!c)
		return -ENOMEM;
	c->seed = seed;
	c->mask = size - 1;
	c->used_max = connections_max;
	*ret = c;
	return OK;
}

void client_counts_free(struct client_counts *c)
{
	free(c);
}

static uint32_t home_of(const struct client_counts *c, const struct address *client)
{
	return (uint32_t)hash_bytes(client->bytes, client->size, c->seed) & c->mask;
}

/* The row of the client, or the free one where it would be. */
static uint32_t find(const struct client_counts *c, const struct address *client)
{
	uint32_t i = home_of(c, client);
	while (c->rows[i].count && !address_equal(&c->rows[i].client, client))
		i = (i + 1) & c->mask;
	return i;
}

uint32_t client_counts_of(const struct client_counts *c, const struct address *client)
{
	return c->rows[find(c, client)].count;
}

void client_counts_add(struct client_counts *c, const struct address *client)
{
	struct row *row = &c->rows[find(c, client)];
	if (row->count++)
		return;
	assert(c->used < c->used_max);
	c->used++;
	row->client = *client;
}

/* Moves later rows of the run up, so that no search ends too early. */
static void close_gap(struct client_counts *c, uint32_t gap)
{
	for (uint32_t i = (gap + 1) & c->mask; c->rows[i].count; i = (i + 1) & c->mask) {
		uint32_t home = home_of(c, &c->rows[i].client);
		if (((i - home) & c->mask) < ((i - gap) & c->mask))
			continue; /* its home is behind the gap */
		c->rows[gap] = c->rows[i];
		gap = i;
	}
	c->rows[gap] = (struct row){0};
}

void client_counts_remove(struct client_counts *c, const struct address *client)
{
	uint32_t i = find(c, client);
	assert(c->rows[i].count);
	if (--c->rows[i].count)
		return;
	c->used--;
	close_gap(c, i);
}
