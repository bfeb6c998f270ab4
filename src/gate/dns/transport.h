/* transport.h - the ways on which queries come, and the addresses that the settings give each.
 *
 * To add one: a constant here, a row in dns_transports[] and one in listen_lists[] of transport.c, and one in
 * kinds[] of streams.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/endpoint.h"
#include "gate/dns/options.h"
#include "net/listen.h"
#include "record/event.h"

enum dns_transport { DNS_OVER_UDP, DNS_OVER_TCP, DNS_OVER_TLS, DNS_OVER_HTTPS, DNS_TRANSPORTS };

struct dns_transport_row {
	const char *name; /* for people */
	enum listen_transport socket;
	enum event_transport event;
	bool has_limit;  /* an answer may be too large for it, and is then truncated */
	bool is_private; /* it has a certificate, and answers are padded for who asks for it */
};
extern const struct dns_transport_row dns_transports[DNS_TRANSPORTS];

enum { DNS_LISTEN_MAX = 256 }; /* sockets of one worker */

struct dns_listen {
	const struct endpoint *at;
	enum dns_transport transport;
};

/* How many sockets each worker has, and which the so-many-th is. */
size_t dns_listen_count(const struct dns_options *o);
struct dns_listen dns_listen_at(const struct dns_options *o, size_t index);
