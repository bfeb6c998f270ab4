/* relay.h - what libunbound takes for the server of all that is forwarded: behind it asks the forwarder.
 *
 * Why:     libunbound checks signatures, but asks by itself, and by UDP and TCP alone. This way what it wants
 *          to know goes to the administrator's servers as every forwarded question does: over TLS with a
 *          verified name, by health, raced and counted.
 * What:    a port on 127.0.0.1 that the kernel chose, for UDP and TCP. Over UDP every question is answered
 *          with TC, at once: so libunbound asks over TCP, where it does not ask again while a server is slow,
 *          and its own measure of us stays good whatever the servers do. Each question there is answered
 *          within the forwarder's time. One that failed is not asked again for a second, and one that is
 *          asked again soon after its answer, as is done when a signature was wrong, goes to another server.
 * Safety:  a connection that is not one of libunbound's own in this process is closed before a byte of it is
 *          read. All that another program of this machine can get is its own datagram back, with TC.
 * Limits:  `questions_max` under way, above which the answer is SERVFAIL, and the connections that these need.
 *          What is refused is counted (relay_refused).
 * Life:    relay_free(), then the loop must run once more. The zones and the forwarder outlive it.
 * Threads: one.
 * Source:  RFC 7766 s5 (TC), RFC 4035 s3.1.4.1 (DS is the parent's). */
#pragma once

#include <uv.h>

#include "base/cleanup.h"
#include "gate/dns/forwarder.h"
#include "gate/dns/zones.h"

/* What libunbound is told: below STREAM_WAITING_MAX. */
enum { RELAY_QUERIES_PER_CONNECTION = 100 };

/* So many connections bear so many questions. */
static inline uint32_t relay_connections(uint32_t questions)
{
	return questions / RELAY_QUERIES_PER_CONNECTION + 1;
}

/* Whether the connection from `from` to `to` has its other end in this process. */
typedef bool relay_knows_fn(void *context, const struct endpoint *from, const struct endpoint *to);

struct relay_setup {
	uv_loop_t *loop;
	const struct zones *zones;
	struct forwarder *forwarder;
	uint32_t first_token; /* of `questions_max` that are the relay's in the forwarder */
	uint32_t questions_max;
	uint64_t seed;
	struct dns_stats *stats;
	relay_knows_fn *knows;
	void *context;
};

struct relay;

/* -ENOMEM, -errno. */
int relay_new(const struct relay_setup *setup, struct relay **ret) must_check;
struct endpoint relay_endpoint(const struct relay *r);
/* What the forwarder says about one of the relay's tokens. */
void relay_answered(struct relay *r, uint32_t token, const struct upstream_answer *answer);
/* Ends what is under way without answers; NULL is fine. */
void relay_free(struct relay *r);
DEFINE_CLEANUP(relay, struct relay *, relay_free);
