#include "policy/place_memory.h"

#include "base/hash.h"

void place_memory_clear(struct place_memory *m)
{
	memset(m, 0, sizeof(*m));
}

uint32_t place_memory_find(struct place_memory *m, const struct policy *policy,
                           const struct address *client, uint64_t seed)
{
	uint64_t hash = hash_bytes(client->bytes, client->size, seed);
	__typeof__(m->rows[0]) *row = &m->rows[hash % PLACE_MEMORY_ROWS];
	if (!address_equal(&row->client, client)) {
		row->client = *client;
		row->place = policy_place_of(policy, client);
	}
	return row->place;
}
