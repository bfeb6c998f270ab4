#include "gate/dns/tap_client.h"

#include <string.h>

#include "base/timestamp.h"

_Static_assert((int)PSEUDONYM_TEXT_SIZE <= (int)TAP_CLIENT_TEXT_SIZE, "either fits");

struct address tap_client_address(const struct address *client, enum tap_clients how)
{
	struct address a = {0};
	if (how == TAP_CLIENTS_FULL)
		a = *client;
	if (how == TAP_CLIENTS_NETWORK) {
		size_t kept = (client->size == 4 ? TAP_CLIENT_BITS4 : TAP_CLIENT_BITS6) / 8;
		a.size = client->size;
		memcpy(a.bytes, client->bytes, kept);
	}
	return a;
}

static const char *print_pseudonym(const struct address *client, int64_t at_us,
                                   struct tap_client_key *key, char *text)
{
	int64_t day = at_us / DAY_US;
	if (day != key->day) {
		pseudonym_key_draw(&key->key);
		key->day = day;
	}
	return pseudonym_make(&key->key, view_of(client->bytes, client->size), text);
}

const char *tap_client_print(const struct address *client, enum tap_clients how, int64_t at_us,
                             struct tap_client_key *key, char text[static TAP_CLIENT_TEXT_SIZE])
{
	struct address a = tap_client_address(client, how);
	struct prefix network = {.family = client->size == 4 ? ADDRESS_V4 : ADDRESS_V6,
	                         .bits = client->size == 4 ? TAP_CLIENT_BITS4 : TAP_CLIENT_BITS6};
	switch (how) {
	case TAP_CLIENTS_NONE: break;
	case TAP_CLIENTS_NETWORK:
		memcpy(network.bytes, a.bytes, a.size);
		return prefix_print(&network, text);
	case TAP_CLIENTS_FULL: return address_print(&a, text);
	case TAP_CLIENTS_PSEUDONYM: return print_pseudonym(client, at_us, key, text);
	}
	return NULL;
}
