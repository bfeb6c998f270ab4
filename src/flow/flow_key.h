/* flow_key.h - who talks to whom: what tells one flow from another.
 *
 * The client is who sent the first packet that was seen. Threads: any; pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

enum { FLOW_TCP = 6, FLOW_UDP = 17 }; /* RFC 790 */

struct flow_key {
	struct address client, server; /* of one family */
	uint16_t client_port, server_port;
	uint8_t protocol; /* FLOW_TCP or FLOW_UDP */
};

bool flow_key_equal(const struct flow_key *a, const struct flow_key *b);
/* The same flow as its other end would write it. */
struct flow_key flow_key_turned(const struct flow_key *key);
/* The same value for a key and the turned one. `seed` is drawn at start: nobody outside can aim at one
 * place of a table. */
uint64_t flow_key_hash(const struct flow_key *key, uint64_t seed);
