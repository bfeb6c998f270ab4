#include "flow/flow_key.h"

#include "base/hash.h"

bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	return a->protocol == b->protocol && a->client_port == b->client_port &&
	       a->server_port == b->server_port && address_equal(&a->client, &b->client) &&
	       address_equal(&a->server, &b->server);
}

struct flow_key flow_key_turned(const struct flow_key *key)
{
	return (struct flow_key){.client = key->server,
	                         .server = key->client,
	                         .client_port = key->server_port,
	                         .server_port = key->client_port,
	                         .protocol = key->protocol};
}

static uint64_t hash_end(const struct address *a, uint16_t port, uint64_t seed)
{
	uint8_t bytes[sizeof(a->bytes) + sizeof(port)];
	memcpy(bytes, a->bytes, a->size);
	memcpy(bytes + a->size, &port, sizeof(port));
	return hash_bytes(bytes, a->size + sizeof(port), seed);
}

uint64_t flow_key_hash(const struct flow_key *key, uint64_t seed)
{
	uint64_t a = hash_end(&key->client, key->client_port, seed);
	uint64_t b = hash_end(&key->server, key->server_port, seed);
	/* a sum, and not a difference or xor, which is 0 for a flow from a place to itself */
	return a + b + key->protocol;
}
