/* worker.h - one thread of the gate: its sockets, loop, cache and resolver.
 *
 * Threads: worker_new(), worker_free() and what they make: one thread at a time for all workers.
 *          worker_set_policy(), worker_set_certificate(), worker_run() and worker_stop() from one other than
 *          the worker's. */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "gate/dns/cookie.h"
#include "gate/dns/job.h"
#include "gate/dns/options.h"
#include "gate/dns/stats.h"
#include "gate/dns/transport.h"
#include "net/datagram.h"
#include "net/tls_tickets.h"
#include "policy/policy.h"
#include "record/event.h"
#include "record/ring.h"

enum { WORKER_SOURCES_MAX = 128 }; /* of datagrams */

struct tap;

struct worker_setup {
	unsigned index;
	const struct dns_options *options;
	const struct policy *policy;
	struct dns_stats *stats;
	struct ring *ring;           /* or NULL */
	struct tap *tap;             /* or NULL */
	const struct learned *names; /* or NULL */
	uint64_t seed;
	uint8_t reference_key[EVENT_REFERENCE_KEY_SIZE]; /* of the codes that people quote */
	uint8_t cookie_key[COOKIE_KEY_SIZE];
	size_t cache_size;
	uint32_t connections_max; /* of clients, beside the limits of the options */
	uint8_t ticket_seed[TLS_TICKET_SEED_SIZE]; /* of the keys of session tickets */
	int64_t start_us;
};

struct worker;

int worker_new(const struct worker_setup *setup, struct worker **ret) must_check;
/* Adds a bound socket; `fd` stays the caller's and open as long as the worker. */
int worker_listen(struct worker *w, int fd, enum dns_transport transport) must_check;
/* Adds another source of datagrams, which stays the caller's and open as long as the worker. */
int worker_add_source(struct worker *w, struct datagram_source *source) must_check;
/* What is used for new connections of the transport, before worker_listen() and at any time after. Returns
 * when it is; as tls_context_new() fails. */
int worker_set_certificate(struct worker *w, enum dns_transport transport,
                           struct view pem) must_check;
int worker_start(struct worker *w) must_check;
/* Returns when the worker decides by the other policy: the former may go. */
void worker_set_policy(struct worker *w, const struct policy *policy);
/* Returns when the job's step has said JOB_DONE, in the worker's thread. */
void worker_run(struct worker *w, const struct job *job);
/* Ends the thread, if it was started. */
void worker_stop(struct worker *w);
/* Stops first. */
void worker_free(struct worker *w);
DEFINE_CLEANUP(worker, struct worker *, worker_free);
