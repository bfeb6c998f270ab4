/* designated.h - tells clients of plain DNS where the same resolver answers by TLS and HTTPS.
 *
 * What:    answers `_dns.resolver.arpa` and, for clients that know a name of the gate, `_dns.NAME`, from the
 *          settings. Nothing at or below resolver.arpa goes upstream, also when there is nothing to tell:
 *          another resolver's answer would lead clients there. Pure.
 * Owns:    nothing. Borrows the texts of the options.
 * Source:  RFC 9462 s4 (resolver.arpa), s5 (by name), s6.1 (never forwarded), s6.4 (no data); RFC 9461 (alpn, dohpath). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gate/dns/options.h"
#include "wire/dname.h"
#include "wire/dns_query.h"
#include "wire/dns_reply.h"

enum { DESIGNATED_SERVICES = 2, DESIGNATED_PATH_SIZE = 216 };

/* IPv4 and IPv6 apart, each address behind the other. */
struct designated_addresses {
	uint8_t v4[4 * DNS_SERVER_ADDRESSES_MAX], v6[16 * DNS_SERVER_ADDRESSES_MAX];
	size_t v4_size, v6_size;
};

struct designated {
	struct dname names[DNS_SERVER_NAMES_MAX];
	size_t name_count;
	struct designated_service {
		struct view alpn;
		bool has_path;
		uint16_t port;
		struct designated_addresses at;
	} services[DESIGNATED_SERVICES]; /* the preferred first */
	size_t service_count;
	struct designated_addresses at; /* of any of them */
	char path[DESIGNATED_PATH_SIZE];
};

/* An address is told for a service that listens there. A service that listens on none of `server.addresses`
 * stands behind something that has them, and is told with all. */
void designated_init(struct designated *d, const struct dns_options *o);
bool designated_concerns(const struct designated *d, const struct dns_query *query);
/* Returns the size of the answer in `room`; 0 when it does not fit. */
size_t designated_answer(const struct designated *d, const struct dns_reply *reply, uint8_t *room,
                         size_t size_max);
